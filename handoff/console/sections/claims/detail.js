// One claim: what happened, what is missing, its files, history, decisions and disputes.
import { html } from "/static/vendor/preact.js";
import { businessDate, fullTime, money } from "/static/console/format.js";
import { named } from "/static/console/texts.js";
import { tell } from "/static/console/toasts.js";
import { Loaded, useRead } from "/static/console/sections/kit.js";
import { correct, go, may, t, tellFailure } from "/static/console/sections/claims/calls.js";
import { Documents } from "/static/console/sections/claims/documents.js";
import { isOver, Stage } from "/static/console/sections/claims/list.js";
import { Disputes, Work } from "/static/console/sections/claims/work.js";

function Facts({ claim }) {
  const facts = [
    ["policy", claim.policy_number],
    ["incident", businessDate(claim.incident_date)],
    ["place", claim.incident_place],
    ["reported", businessDate(claim.reported_date)],
    ["amount", money(claim.claimed_amount)],
    ["approved", money(claim.approved_amount)],
    ["paid", claim.paid_amount && `${money(claim.paid_amount)} · ${businessDate(claim.paid_date)}`],
    ["reference", claim.payment_reference],
    ["reason", claim.decision_reason && named(claim.decision_reason)],
    ["injured", claim.injured === null ? null : t(claim.injured ? "yes" : "no")],
    ["phone", claim.contact_phone],
    ["story", claim.description],
  ];
  return html`
    <section class="card">
      <h3>${t("facts")}</h3>
      <dl class="claim-facts">${facts.filter(([, value]) => value).map(([name, value]) => html`<dt key=${name}>${t(name)}</dt><dd>${value}</dd>`)}</dl>
    </section>
  `;
}

function History({ events }) {
  return html`
    <section class="card">
      <h3>${t("history")}</h3>
      <ol class="claim-history">
        ${[...events].reverse().map(
          (event) => html`
            <li key=${event.event_id} class=${event.is_out_of_order ? "late" : ""}>
              <${Stage} stage=${event.stage} /><span class="muted">${fullTime(event.occurred_at)}</span>
              ${event.is_out_of_order && html`<span class="pill warn">${t("out_of_order")}</span>`}
              ${event.note && html`<p>${event.note}</p>`}
            </li>
          `,
        )}
      </ol>
    </section>
  `;
}

function Rules({ rules }) {
  return html`
    <details class="claim-rules" data-testid="claim-rules">
      <summary>${t("rules")}：${rules.filter((one) => one.is_met).length} / ${rules.length}</summary>
      <table>
        <thead><tr><th></th><th></th><th>${t("seen")}</th><th>${t("wanted")}</th></tr></thead>
        <tbody>
          ${rules.map(
            (one) => html`<tr key=${one.code} class=${one.is_met ? "" : "unmet"}><td>${one.is_met ? "✓" : "✗"}</td><td>${t(`rule.${one.code}`)}</td><td>${one.seen}</td><td>${one.wanted}</td></tr>`,
          )}
        </tbody>
      </table>
    </details>
  `;
}

function Decisions({ decisions }) {
  if (!decisions.length) return null;
  return html`
    <section class="card">
      <h3>${t("decisions")}</h3>
      <ol class="claim-history">
        ${[...decisions].reverse().map(
          (one) => html`
            <li key=${one.decided_at}>
              <strong>${one.decision ? t(`decision.${one.decision}`) : t("left_to_human")}</strong>
              ${one.approved_amount && html`<span>${money(one.approved_amount)}</span>`}
              <span class="muted">${one.decided_by === "rule" ? t("by_rule") : t("by", { who: one.decided_by_name ?? one.decided_by })} · ${fullTime(one.decided_at)}</span>
              ${one.reason && html`<p>${named(one.reason)}</p>`}${one.note && html`<p class="muted">${one.note}</p>`}
              ${one.rules.length > 0 && html`<${Rules} rules=${one.rules} />`}
            </li>
          `,
        )}
      </ol>
    </section>
  `;
}

function Flag({ claim, show }) {
  const change = async () => {
    try {
      show(await correct(claim.number, { version: claim.version, is_flagged: !claim.is_flagged }));
      tell(t("done.corrected"));
    } catch (problem) {
      tellFailure(problem);
    }
  };
  return html`<button class="small quiet" onClick=${change}>${t(claim.is_flagged ? "unflag" : "flag")}</button>`;
}

/** `onChanged` hears of everything that was done here; beside the desk the page around it has the way back. */
export function Detail({ number, isBeside, onChanged }) {
  const state = useRead(`/claims/${number}`);
  const show = (answer) => (state.put(answer), onChanged?.());
  return html`
    ${!isBeside && state.failed && html`<${Back} />`}
    <${Loaded} state=${state}>${(claim) => html`<${Claim} claim=${claim} show=${show} reload=${state.read} isBeside=${isBeside} />`}<//>
  `;
}

const Back = () => html`<button class="quiet" onClick=${() => go()}>← ${t("back")}</button>`;

function Claim({ isBeside, ...shared }) {
  const { claim } = shared;
  const work = may("claims:write") && html`<${Work} ...${shared} />`;
  const facts = [
    !isBeside && html`<a href="#customers/${claim.customer_id}">${claim.customer_name}</a>`,
    claim.next_step_by && html`<span class=${isOver(claim) ? "claim-over" : ""}>${t("next_step", { day: businessDate(claim.next_step_by) })}</span>`,
  ].filter(Boolean);
  return html`
    <header class="page-head">
      ${!isBeside && html`<${Back} />`}
      <h2 data-testid="claim-title">${claim.number} · ${named(claim.type_name)}</h2>
      <${Stage} stage=${claim.stage} />
      ${claim.is_flagged && html`<span class="pill warn">${t("flagged")}</span>`}
      ${may("claims:write") && html`<${Flag} ...${shared} />`}
      ${facts.length > 0 && html`<p>${facts.map((fact, place) => html`${place > 0 && " · "}${fact}`)}</p>`}
    </header>
    ${isBeside && work}
    <div class="two">
      <div class="claim-side"><${Facts} claim=${claim} /><${Documents} ...${shared} /></div>
      <div class="claim-side">
        ${!isBeside && work}
        <${Disputes} ...${shared} />
        <${Decisions} decisions=${claim.decisions} />
        <${History} events=${claim.events} />
      </div>
    </div>
  `;
}
