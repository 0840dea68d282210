// One request: before and after, the checks, and the decision.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { get, post } from "/static/console/api.js";
import { fullTime } from "/static/console/format.js";
import { Icon } from "/static/console/icons.js";
import { me } from "/static/console/store.js";
import { language, named, translator } from "/static/console/texts.js";
import { tell, tellProblem, wordsFor } from "/static/console/toasts.js";
import { Shares } from "/static/console/sections/changes/shares.js";
import { texts } from "/static/console/sections/changes/texts.js";

const t = translator(texts);
const REASONS = ["not_confirmed", "not_possible", "withdrawn", "suspicious"];
const may = (right) => me.value?.scopes.includes(right) ?? false;

function valueOf(line) {
  if (line.name === "status") return t(`policy_status.${line.value}`);
  if (line.name !== "beneficiary") return line.value;
  const [name, relation, share] = line.value.split(" · ");
  return `${name} · ${t(`relation.${relation}`)} · ${share}`;
}

function Side({ title, lines }) {
  return html`
    <section class="card"><h3>${title}</h3>
      ${lines.length ? html`<dl class="changes-lines">${lines.map((line) => html`<div><dt>${t(`line.${line.name}`)}</dt><dd class="digits">${valueOf(line)}</dd></div>`)}</dl>` : html`<p class="muted">${t("nothing")}</p>`}
    </section>
  `;
}

export function One({ number }) {
  const [change, setChange] = useState(null);
  const [failed, setFailed] = useState(null);
  const [full, setFull] = useState(null);
  const [shares, setShares] = useState([]);
  const [reason, setReason] = useState(REASONS[0]);
  const [isBusy, setBusy] = useState(false);
  const read = () => get(`/changes/${number}`).then((answer) => { setChange(answer); setFailed(null); }).catch((problem) => { setFailed(problem); tellProblem(problem); });
  useEffect(() => { read(); }, [number]);
  const back = html`<a class="changes-back" href="#changes"><${Icon} name="back" size=${16} />${t("back")}</a>`;
  if (!change) return html`${back}${failed ? html`<div class="card changes-empty"><strong>${wordsFor(failed)}</strong><button onClick=${read}>${t("retry")}</button></div>` : html`<p class="muted loading">${t("loading")}</p>`}`;

  const attempt = async (work, done) => {
    setBusy(true);
    try {
      const answer = await work();
      tell(t(done(answer)));
      setChange(answer);
    } catch (problem) {
      if (texts[language.value].error[problem.code]) { tell(t(`error.${problem.code}`), "bad"); await read(); } else tellProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  const approve = () => {
    if (!confirm(t("sure"))) return;
    const body = { version: change.version, ...(change.is_resolved ? {} : { beneficiaries: shares }) };
    attempt(() => post(`/changes/${number}/approve`, body), (answer) => (answer.state === "applied" ? "done_applied" : "done_approved"));
  };
  const decline = () => attempt(() => post(`/changes/${number}/decline`, { version: change.version, reason }), () => "done_declined");
  const reveal = () => post(`/changes/${number}/reveal`).then((answer) => { setFull(answer); tell(t("revealed")); }).catch(tellProblem);
  const isOpen = change.state === "asked" && may("changes:write");
  const mayApprove = isOpen && (!change.needs_supervisor || may("changes:approve"));
  const asker = change.asked_by ? t("by_agent", change.asked_by) : [t("by_customer"), change.ticket_number && t("ticket", { number: change.ticket_number })].filter(Boolean).join(" · ");
  return html`
    ${back}
    <header class="page-head"><h2 data-testid="change-title">${named(change.summary)}</h2><span class="pill ${change.state === "asked" ? "warn" : change.state === "applied" ? "good" : "plain"}" data-testid="change-state">${t(`state.${change.state}`)}</span>
      <p><a href="#customers/${change.customer.id}">${change.customer.name}</a> · <span class="digits">${change.number}</span> · ${asker} · ${fullTime(change.asked_at)}
        ${change.decline_reason && ` · ${t(texts[language.value].reasons[change.decline_reason] ? `reasons.${change.decline_reason}` : `decline_reason.${change.decline_reason}`)}`}
        ${change.decided_by && ` · ${t("decided", { name: change.decided_by.name, when: fullTime(change.decided_at) })}`}${change.applied_at && ` · ${t("applied", { when: fullTime(change.applied_at) })}`}</p>
    </header>
    <div class="two"><${Side} title=${t("before")} lines=${(full ?? change).before} /><${Side} title=${t("after")} lines=${(full ?? change).after} /></div>
    ${may("customers:reveal") && !full && html`<div class="toolbar"><button class="small" data-testid="change-reveal" onClick=${reveal}>${t("reveal")}</button></div>`}
    ${change.checks.length > 0 && html`<section class="card"><h3>${t("checks")}</h3><ul class="changes-checks">${change.checks.map((one) => html`<li class=${one.is_ok ? "ok" : "open"}>${one.is_ok ? "✓" : "!"} ${t(`check.${one.code}`)}</li>`)}</ul></section>`}
    ${isOpen && html`
      <section class="card changes-decision">
        ${change.field === "phone" && html`<p class="muted">${t("phone_note")}</p>`}
        ${!change.is_resolved && mayApprove && html`<${Shares} t=${t} shares=${shares} onChange=${setShares} />`}
        ${mayApprove ? html`<button class="primary" disabled=${isBusy} data-testid="approve" onClick=${approve}>${t("approve")}</button>` : html`<p class="muted">${t("supervisor")}</p>`}
        <span class="space"></span>
        <select aria-label=${t("reason")} value=${reason} onChange=${(event) => setReason(event.target.value)}>${REASONS.map((one) => html`<option value=${one}>${t(`reasons.${one}`)}</option>`)}</select>
        <button disabled=${isBusy} data-testid="decline" onClick=${decline}>${t("decline")}</button>
      </section>`}
  `;
}
