// One request: before and after, the checks, and the decision. Its own page, and the desk's column, show it.
import { html, useState } from "/static/vendor/preact.js";
import { post } from "/static/console/api.js";
import { fullTime } from "/static/console/format.js";
import { Icon } from "/static/console/icons.js";
import { named, translator } from "/static/console/texts.js";
import { tell, tellProblem } from "/static/console/toasts.js";
import { Decision } from "/static/console/sections/changes/decision.js";
import { texts } from "/static/console/sections/changes/texts.js";
import { Loaded, may, TicketLink, useRead } from "/static/console/sections/kit.js";

const t = translator(texts);

function valueOf(line) {
  if (line.name === "status") return t(`policy_status.${line.value}`);
  if (line.name !== "beneficiary") return line.value;
  const [name, relation, share] = line.value.split(" · ");
  return `${name} · ${t(`relation.${relation}`)} · ${share}`;
}

function Side({ title, lines, testid }) {
  return html`
    <section class="card" data-testid=${testid}><h3>${title}</h3>
      ${lines.length ? html`<dl class="changes-lines">${lines.map((line, place) => html`<div key=${place}><dt>${t(`line.${line.name}`)}</dt><dd class="digits">${valueOf(line)}</dd></div>`)}</dl>` : html`<p class="muted">${t("nothing")}</p>`}
    </section>
  `;
}

const reasonOf = (code) => {
  const words = t(`reasons.${code}`);
  return words === code.replaceAll("_", " ") ? t(`decline_reason.${code}`) : words;
};

function Head({ change, isBeside }) {
  const mood = { asked: "warn", applied: "good" }[change.state] ?? "plain";
  const facts = [
    !isBeside && html`<a href="#customers/${change.customer.id}">${change.customer.name}</a>`,
    html`<span class="digits">${change.number}</span>`,
    change.asked_by ? t("by_agent", change.asked_by) : t("by_customer"),
    change.ticket_number && html`<${TicketLink} number=${change.ticket_number}>${t("ticket", { number: change.ticket_number })}<//>`,
    fullTime(change.asked_at),
    change.decline_reason && reasonOf(change.decline_reason),
    change.decided_by && t("decided", { name: change.decided_by.name, when: fullTime(change.decided_at) }),
    change.applied_at && t("applied", { when: fullTime(change.applied_at) }),
  ].filter(Boolean);
  return html`
    <header class="page-head"><h2 data-testid="change-title">${named(change.summary)}</h2><span class="pill ${mood}" data-testid="change-state">${t(`state.${change.state}`)}</span>
      <p>${facts.map((fact, place) => html`${place > 0 && " · "}${fact}`)}</p>
    </header>
  `;
}

function Checks({ checks }) {
  if (!checks.length) return null;
  return html`<section class="card"><h3>${t("checks")}</h3><ul class="changes-checks">${checks.map((one) => html`<li key=${one.code} class=${one.is_ok ? "ok" : "open"}>${one.is_ok ? "✓" : "!"} ${t(`check.${one.code}`)}</li>`)}</ul></section>`;
}

function Request({ change, isBeside, decided, reread }) {
  const [full, setFull] = useState(null);
  const reveal = () => post(`/changes/${change.number}/reveal`).then((answer) => { setFull(answer); tell(t("revealed")); }).catch(tellProblem);
  return html`
    <${Head} change=${change} isBeside=${isBeside} />
    <div class="two"><${Side} title=${t("before")} lines=${(full ?? change).before} testid="change-before" /><${Side} title=${t("after")} lines=${(full ?? change).after} testid="change-after" /></div>
    ${may("customers:reveal") && !full && html`<div class="toolbar"><button class="small" data-testid="change-reveal" onClick=${reveal}>${t("reveal")}</button></div>`}
    <${Checks} checks=${change.checks} />
    ${change.state === "asked" && may("changes:write") && html`<${Decision} change=${change} decided=${decided} reread=${reread} />`}
  `;
}

/** `onChanged` hears of a decision, by this agent or by somebody who was quicker. */
export function One({ number, isBeside, onChanged }) {
  const state = useRead(`/changes/${number}`);
  const decided = (answer) => (state.put(answer), onChanged?.());
  const reread = () => state.read().then(() => onChanged?.());
  return html`
    ${!isBeside && html`<a class="changes-back" href="#changes"><${Icon} name="back" size=${16} />${t("back")}</a>`}
    <${Loaded} state=${state}>${(change) => html`<${Request} change=${change} isBeside=${isBeside} decided=${decided} reread=${reread} />`}<//>
  `;
}
