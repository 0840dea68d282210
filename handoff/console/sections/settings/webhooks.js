// Webhooks: where events go, a test event, what was sent and what came of it.
import { html, useState } from "/static/vendor/preact.js";
import { post, put, remove } from "/static/console/api.js";
import { Dialog } from "/static/console/resolve.js";
import { translator } from "/static/console/texts.js";
import { useWrong } from "/static/console/wrong.js";
import { attempt, Choice, Loaded, moment, query, Secret, Select, useList, useRead } from "/static/console/sections/kit.js";
import { texts } from "/static/console/sections/settings/texts.js";

const t = translator(texts);
const WHOLE = { "*": "all_events", "ticket.*": "ticket_events", "conversation.*": "conversation_events" };
const COLOURS = { waiting: "plain", delivered: "good", failed: "bad" };
const eventName = (name) => (WHOLE[name] ? t(`webhooks.${WHOLE[name]}`) : name);

function EndpointForm({ endpoint, onClose, onDone }) {
  const isWhole = !endpoint || (endpoint.events.length === 1 && WHOLE[endpoint.events[0]]);
  const [draft, setDraft] = useState({ url: endpoint?.url ?? "", which: isWhole ? (endpoint?.events[0] ?? "ticket.*") : "some", some: isWhole ? "" : endpoint.events.join(" "), is_active: endpoint?.is_active ?? true });
  const [secret, setSecret] = useState(null);
  const wrong = useWrong(["url", "events"]);
  const set = (name) => (value) => setDraft({ ...draft, [name]: value });
  const save = async (event) => {
    event.preventDefault();
    if (secret) return onClose();
    const events = draft.which === "some" ? draft.some.split(/[\s,，]+/).filter(Boolean) : [draft.which];
    const body = { url: draft.url.trim(), events, is_active: draft.is_active };
    const done = await attempt(texts, () => (endpoint ? put(`/webhooks/${endpoint.id}`, body) : post("/webhooks", body)), endpoint && t("saved"), wrong);
    if (!done) return;
    onDone();
    if (done.secret) setSecret(done.secret);
    else onClose();
  };
  const choices = [...Object.keys(WHOLE).map((one) => [one, t(`webhooks.${WHOLE[one]}`)]), ["some", t("webhooks.some_events")]];
  return html`
    <${Dialog} title=${secret ? t("webhooks.once") : (endpoint?.url ?? t("webhooks.add"))} onClose=${onClose} isKept=${Boolean(secret)}>
      <form onSubmit=${save}>
        ${secret ? html`<${Secret} value=${secret} hint=${t("webhooks.once_hint")} testid="webhook-secret" />` : html`
          <label class="field"><span>${t("webhooks.url")}</span><input required type="url" maxlength="2000" data-testid="webhook-url" value=${draft.url} onInput=${(event) => set("url")(event.target.value)} ...${wrong.at("url")} />${wrong.words("url")}<small class="hint">${t("webhooks.url_hint")}</small></label>
          <label class="field"><span>${t("webhooks.events")}</span><${Select} value=${draft.which} onChange=${set("which")} options=${choices} testid="webhook-events" /></label>
          ${draft.which === "some" && html`<label class="field"><span>${t("webhooks.some_events")}</span><input required value=${draft.some} onInput=${(event) => set("some")(event.target.value)} ...${wrong.at("events")} />${wrong.words("events")}<small class="hint">${t("webhooks.some_hint")}</small></label>`}
          <label class="check"><input type="checkbox" checked=${draft.is_active} onChange=${(event) => set("is_active")(event.target.checked)} />${t("webhooks.is_active")}</label>`}
        <footer>${!secret && html`<button type="button" onClick=${onClose}>${t("cancel")}</button>`}<button class="primary" data-testid="webhook-save">${t(secret ? "webhooks.noted" : "save")}</button></footer>
      </form>
    <//>
  `;
}

function Delivery({ one, replay }) {
  const after = one.state === "waiting" && one.attempts > 0 ? t("webhooks.due", { when: moment(one.due_at) }) : moment(one.delivered_at ?? one.due_at);
  return html`
    <tr data-testid="delivery-row">
      <td><strong class="digits">${one.type}</strong><details><summary class="muted">${t("webhooks.payload")}</summary><pre class="settings-payload">${JSON.stringify(one.payload, null, 2)}</pre></details></td>
      <td><span class="pill ${COLOURS[one.state]}">${t(`webhooks.state.${one.state}`)}</span><div class="muted">${one.attempts > 0 && t("webhooks.attempts", { n: one.attempts })} ${one.last_status ? t("webhooks.answered", { status: one.last_status }) : one.last_error}</div></td>
      <td class="muted">${after}</td>
      <td>${one.state !== "waiting" && html`<button class="small" data-testid="delivery-replay" onClick=${() => replay(one)}>${t("webhooks.replay")}</button>`}</td>
    </tr>
  `;
}

function Deliveries({ endpoint }) {
  const [state, setState] = useState("");
  const list = useList(`/webhooks/${endpoint.id}/deliveries${query({ state, limit: 20 })}`);
  const replay = async (one) => {
    await attempt(texts, () => post(`/webhooks/${endpoint.id}/deliveries/${one.id}/replay`), t("webhooks.replayed"));
    list.read();
  };
  const test = async () => {
    await attempt(texts, () => post(`/webhooks/${endpoint.id}/test`), t("webhooks.tested"));
    list.read();
  };
  const states = [["", t("webhooks.all_states")], ...Object.keys(COLOURS).map((one) => [one, t(`webhooks.state.${one}`)])];
  return html`
    <div class="toolbar settings-deliveries">
      <${Choice} label=${t("webhooks.deliveries")} value=${state} onChange=${setState} options=${states} testid="deliveries" />
      <span class="space"></span>
      <button class="quiet small" data-testid="deliveries-refresh" onClick=${list.read}>${t("webhooks.refresh")}</button>
      ${endpoint.is_active && html`<button class="small" data-testid="webhook-test" onClick=${test}>${t("webhooks.test")}</button>`}
    </div>
    <${Loaded} state=${list}>${({ items }) => items.length === 0 ? html`<p class="muted">${t("webhooks.no_deliveries")}</p>` : html`
      <div class="table"><table>
        <thead><tr>${["event", "state", "when"].map((one) => html`<th key=${one}>${t(`webhooks.column.${one}`)}</th>`)}<th></th></tr></thead>
        <tbody>${items.map((one) => html`<${Delivery} key=${one.id} one=${one} replay=${replay} />`)}</tbody>
      </table></div>
      ${list.more && html`<button class="wide" onClick=${list.more}>${t("more")}</button>`}`}<//>
  `;
}

function Endpoint({ endpoint, edit, onDone }) {
  const [isOpen, setOpen] = useState(false);
  const gone = async () => {
    if (!confirm(t("webhooks.remove_sure", { url: endpoint.url }))) return;
    await attempt(texts, () => remove(`/webhooks/${endpoint.id}`), t("webhooks.removed"));
    onDone();
  };
  return html`
    <section class="card" data-testid="webhook">
      <header class="settings-head">
        <div><strong class="digits">${endpoint.url}</strong><p class="settings-pills">${endpoint.events.map((one) => html`<span class="pill plain" key=${one}>${eventName(one)}</span>`)}<span class="pill ${endpoint.is_active ? "good" : "warn"}">${endpoint.disabled_reason ? t("webhooks.gone") : t(endpoint.is_active ? "webhooks.on" : "webhooks.off")}</span></p></div>
        <div class="toolbar"><button class="small" aria-expanded=${isOpen} data-testid="webhook-deliveries" onClick=${() => setOpen(!isOpen)}>${t("webhooks.deliveries")}</button><button class="small" onClick=${edit}>${t("webhooks.edit")}</button><button class="quiet small" data-testid="webhook-remove" onClick=${gone}>${t("remove")}</button></div>
      </header>
      ${isOpen && html`<${Deliveries} endpoint=${endpoint} />`}
    </section>
  `;
}

export function Webhooks() {
  const list = useRead("/webhooks");
  const [edited, setEdited] = useState(null);
  return html`
    <div class="toolbar"><button class="primary" data-testid="webhook-new" onClick=${() => setEdited({})}>${t("webhooks.add")}</button></div>
    <${Loaded} state=${list}>${({ items }) => html`
      ${items.length === 0 && html`<div class="card empty"><strong>${t("webhooks.none")}</strong>${t("webhooks.none_hint")}</div>`}
      ${items.map((one) => html`<${Endpoint} key=${one.id} endpoint=${one} edit=${() => setEdited(one)} onDone=${list.read} />`)}`}<//>
    ${edited && html`<${EndpointForm} endpoint=${edited.id ? edited : null} onClose=${() => setEdited(null)} onDone=${list.read} />`}
  `;
}
