// The three clocks of a complaint: first response, proposal, outcome.
import { html } from "/static/vendor/preact.js";
import { duration, now } from "/static/console/format.js";
import { translator } from "/static/console/texts.js";
import { moment } from "/static/console/sections/kit.js";
import { texts } from "/static/console/sections/complaints/texts.js";

const t = translator(texts);

const CLOCKS = [
  ["response", "first_response_due_at", "first_responded_at"],
  ["proposal", "proposal_due_at", "proposed_at"],
  ["outcome", "resolution_due_at", "resolved_at"],
];

/** How one clock stands: `{name, mood, short, long}`. */
function stand(complaint, [name, dueName, doneName]) {
  const due = complaint[dueName];
  const done = complaint[doneName];
  if (!due) return null;
  if (done) {
    const isLate = Date.parse(done) > Date.parse(due);
    return { name, mood: isLate ? "bad" : "good", short: isLate ? "!" : "✓", long: t(isLate ? "done_late" : "done_at", { when: moment(done) }) };
  }
  if (complaint.status === "resolved") return { name, mood: "plain", short: "–", long: t("not_needed") };
  if (complaint.paused_at) return { name, mood: "plain", short: "‖", long: t("stands") };
  const left = Date.parse(due) - now.value;
  const mood = left < 0 ? "bad" : left < 86400000 ? "warn" : "";
  return { name, mood, short: t(left < 0 ? "over" : "left", { time: duration(Math.abs(left)) }), long: t("due_at", { when: moment(due) }) };
}

const stands = (complaint) => CLOCKS.map((clock) => stand(complaint, clock)).filter(Boolean);

/** In a row of the register. */
export function ClockPills({ complaint }) {
  return html`<span class="complaints-pills">${stands(complaint).map((one) => html`<span key=${one.name} class="pill ${one.mood}" title="${t(`clock.${one.name}`)}: ${one.long}">${t(`clock.${one.name}`)} ${one.short}</span>`)}</span>`;
}

export function Clocks({ complaint }) {
  return html`
    <div class="complaints-clocks" data-testid="complaint-clocks">
      ${stands(complaint).map((one) => html`
        <section class="card" key=${one.name}>
          <h3>${t(`clock.${one.name}`)} <span class="muted">${t(`clock_rule.${one.name}`)}</span></h3>
          <p><span class="pill ${one.mood}">${one.short}</span></p>
          <p class="muted">${one.long}</p>
        </section>`)}
    </div>
  `;
}
