// What was decided, for when, and what became of it; with the reason.
import { html, signal, useEffect, useState } from "/static/vendor/preact.js";
import { fullTime } from "/static/console/format.js";
import { Dialog } from "/static/console/resolve.js";
import { tell } from "/static/console/toasts.js";
import { cancelNotice, listNotices, may, readNotice, t, tellFailure } from "/static/console/sections/notices/calls.js";
import { Confirm } from "/static/console/sections/notices/confirm.js";

const STATES = ["planned", "queued", "sent", "failed", "suppressed", "expired", "stopped", "held"];
export const MOODS = { planned: "warn", queued: "warn", sent: "good", failed: "bad", suppressed: "plain", expired: "plain", stopped: "plain", held: "plain" };
const KINDS = [
  "claim_stage", "claim_documents", "claim_approved", "claim_paid", "claim_declined", "documents_missing", "premium_due", "premium_overdue", "renewal",
  "anniversary", "birthday", "follow_up_policy", "follow_up_claim", "follow_up_ticket", "campaign",
];
const filters = signal({ state: "", kind: "" });

/** A reason's words; a platform's own code stands as it is. */
export const reason = (code) => (code ? t(`reason.${code}`) : "");

function Choice({ name, options, all, words }) {
  return html`
    <select aria-label=${all} value=${filters.value[name]} data-testid="notice-${name}" onChange=${(event) => (filters.value = { ...filters.value, [name]: event.target.value })}>
      <option value="">${all}</option>
      ${options.map((one) => html`<option key=${one} value=${one}>${t(`${words}.${one}`)}</option>`)}
    </select>
  `;
}

function Deliveries({ rows }) {
  return html`
    <ol class="notice-ways">
      ${rows.map(
        (row) => html`
          <li key=${row.at + row.channel}>
            <strong>${t(`channel.${row.channel}`)}</strong>
            ${row.chosen_because && html`<span class="pill good">${t("chosen", { why: reason(row.chosen_because) })}</span>`}
            ${row.is_discreet && html`<span class="pill plain">${t("discreet")}</span>`}
            ${row.failed_because && html`<span class="pill ${row.chosen_because ? "bad" : "plain"}">${t(row.chosen_because ? "not_delivered" : "passed_over", { why: reason(row.failed_because) })}</span>`}
          </li>
        `,
      )}
    </ol>
  `;
}

function Detail({ id, onClose, onChange }) {
  const [notice, setNotice] = useState(null);
  const [isAsking, setIsAsking] = useState(false);
  useEffect(() => {
    readNotice(id).then(setNotice).catch(tellFailure);
  }, [id]);
  async function cancel() {
    try {
      setNotice(await cancelNotice(id));
      tell(t("cancelled"));
    } catch (problem) {
      tellFailure(problem);
    }
    setIsAsking(false);
    onChange();
  }
  if (!notice) return null;
  if (isAsking) return html`<${Confirm} title=${t("cancel_notice_title")} lead=${t("cancel_notice_lead")} act=${t("cancel_notice")} stay=${t("keep_notice")} onYes=${cancel} onClose=${() => setIsAsking(false)} />`;
  const isWaiting = ["planned", "held"].includes(notice.state);
  return html`
    <${Dialog} title=${t(`kind.${notice.kind}`)} onClose=${onClose}>
      <dl class="notice-facts">
        <dt>${t("customer")}</dt><dd>${notice.customer.name}</dd>
        <dt>${t("about")}</dt><dd>${notice.subject.split(":")[1]}</dd>
        <dt>${t("state_name")}</dt><dd><span class="pill ${MOODS[notice.state]}">${t(`state.${notice.state}`)}</span> ${reason(notice.reason)}</dd>
        <dt>${t(isWaiting ? "planned_for" : "decided")}</dt><dd>${fullTime(isWaiting ? notice.planned_for : notice.decided_at)}</dd>
        ${notice.sent_at && html`<dt>${t("sent_at")}</dt><dd>${fullTime(notice.sent_at)}</dd>`}
      </dl>
      ${notice.text ? html`<p class="notice-said">${notice.text}</p>` : html`<p class="muted">${t("no_words_yet")}</p>`}
      ${notice.deliveries.length > 0 && html`<h3>${t("ways")}</h3><${Deliveries} rows=${notice.deliveries} />`}
      ${isWaiting && may("notices:write") && html`<footer class="toolbar"><button data-testid="notice-cancel" onClick=${() => setIsAsking(true)}>${t("cancel_notice")}</button></footer>`}
    <//>
  `;
}

function Row({ notice, open }) {
  return html`
    <tr>
      <td><button class="link" data-testid="notice-${notice.id}" onClick=${open}>${t(`kind.${notice.kind}`)}</button><div class="muted">${notice.subject.split(":")[1]}</div></td>
      <td>${notice.customer.name}</td>
      <td><span class="pill ${MOODS[notice.state]}">${t(`state.${notice.state}`)}</span><div class="muted">${reason(notice.reason)}</div></td>
      <td>${notice.channel ? t(`channel.${notice.channel}`) : html`<span class="muted">—</span>`}</td>
      <td class="number muted">${fullTime(notice.sent_at ?? notice.planned_for)}</td>
    </tr>
  `;
}

export function NoticeList() {
  const [items, setItems] = useState(null);
  const [next, setNext] = useState(null);
  const [opened, setOpened] = useState(null);
  const [turn, setTurn] = useState(0);
  const chosen = filters.value;
  async function load(cursor) {
    const page = await listNotices({ ...chosen, cursor });
    setItems((shown) => (cursor ? [...(shown ?? []), ...page.items] : page.items));
    setNext(page.next);
  }
  useEffect(() => {
    load(null).catch(tellFailure);
  }, [chosen, turn]);
  const isFiltered = Object.values(chosen).some(Boolean);
  return html`
    <div class="toolbar">
      <${Choice} name="state" options=${STATES} all=${t("all_states")} words="state" />
      <${Choice} name="kind" options=${KINDS} all=${t("all_kinds")} words="kind" />
      <button class="small" onClick=${() => setTurn(turn + 1)}>${t("refresh")}</button>
    </div>
    ${items === null && html`<p class="loading muted">${t("loading")}</p>`}
    ${items?.length === 0 && html`<p class="card muted">${t(isFiltered ? "none" : "empty")}</p>`}
    ${items?.length > 0 &&
    html`
      <div class="table"><table>
        <thead><tr><th>${t("what")}</th><th>${t("customer")}</th><th>${t("state_name")}</th><th>${t("channel_name")}</th><th class="number">${t("when")}</th></tr></thead>
        <tbody>${items.map((notice) => html`<${Row} key=${notice.id} notice=${notice} open=${() => setOpened(notice.id)} />`)}</tbody>
      </table></div>
      ${next && html`<button onClick=${() => load(next).catch(tellFailure)}>${t("more")}</button>`}
    `}
    ${opened && html`<${Detail} id=${opened} onClose=${() => setOpened(null)} onChange=${() => setTurn(turn + 1)} />`}
  `;
}
