// The last interactions over all channels, and logging those that happened elsewhere.
import { html, useState } from "/static/vendor/preact.js";
import { newKey, post } from "/static/console/api.js";
import { fullTime } from "/static/console/format.js";
import { attempt, may, t, zone } from "/static/console/sections/customers/calls.js";

const EMPTY = () => ({ kind: "call", direction: "outbound", text: "", key: newKey() });

export function Record({ id, seen, read }) {
  const [draft, setDraft] = useState(null);
  if (!seen.interactions) return null;
  const change = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const save = async (event) => {
    event.preventDefault();
    const { key, ...body } = draft;
    if (await attempt(() => post(`/customers/${id}/interactions`, body, key), "log_saved")) { setDraft(null); await read(); }
  };
  return html`
    <section class="card" data-testid="record">
      <h3>${t("record")}</h3>
      ${may("interactions:write") && !draft && html`<button class="small" data-testid="log" onClick=${() => setDraft(EMPTY())}>${t("log")}</button>`}
      ${draft && html`
        <form class="customers-form" onSubmit=${save}>
          <div class="toolbar">
            <select aria-label=${t("log")} value=${draft.kind} onChange=${change("kind")}>${["call", "visit", "email"].map((one) => html`<option value=${one}>${t(`log_kind.${one}`)}</option>`)}</select>
            <select aria-label=${t("direction.inbound")} value=${draft.direction} onChange=${change("direction")}>${["outbound", "inbound"].map((one) => html`<option value=${one}>${t(`direction.${one}`)}</option>`)}</select>
          </div>
          <textarea rows="3" required maxlength="5000" aria-label=${t("log_text")} placeholder=${t("log_text")} value=${draft.text} data-testid="log-text" onInput=${change("text")}></textarea>
          <div class="toolbar"><button class="primary small" data-testid="log-save">${t("save")}</button><button type="button" class="small" onClick=${() => setDraft(null)}>${t("cancel")}</button></div>
        </form>`}
      ${!seen.interactions.length && html`<p class="muted">${t("no_record")}</p>`}
      <ol class="customers-record">${seen.interactions.map((one) => html`
        <li key=${one.id} class=${one.direction}>
          <span class="muted">${fullTime(one.occurred_at)} · ${zone(one.channel)} · ${one.agent ?? t(`speaker.${one.speaker}`)}${one.kind === "message" ? "" : ` · ${t(`entry.${one.kind}`)}`}</span>
          <p>${one.text || t("panel.file")}</p>
        </li>`)}</ol>
    </section>
  `;
}
