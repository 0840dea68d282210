// The items of the customer's column: policies and what is due, claims and what they wait for, tickets, changes, the record.
import { html } from "/static/vendor/preact.js";
import { Opens } from "/static/console/beside.js";
import { businessDate, clockTime, dayName, fullTime, money, summaryOf } from "/static/console/format.js";
import { Icon } from "/static/console/icons.js";
import { open, ticket } from "/static/console/store.js";
import { has, named, t } from "/static/console/texts.js";

export const known = (group, value) => (has(`${group}.${value}`) ? t(`${group}.${value}`) : value);

function Due({ due }) {
  if (!due) return null;
  const values = { date: businessDate(due.due_date), amount: money(due.amount) };
  const grace = due.status === "overdue" && due.grace_until ? ` · ${t("panel.grace", { date: businessDate(due.grace_until) })}` : "";
  return html`<p class="premium ${due.status}">${t(due.status === "overdue" ? "person.premium_over" : "person.premium_due", values)}${grace}</p>`;
}

export function Policy(policy) {
  return html`
    <article class="item" key=${policy.number}>
      <header><strong>${named(policy.product_name)}</strong><span class="badge policy-${policy.status}">${known("policy_status", policy.status)}</span></header>
      <p class="muted"><span class="number">${policy.number}</span> · ${known("product", policy.product_type)}</p>
      <p>${t("person.sum")} ${money(policy.sum_insured)} <span class="muted">${t("person.until", { date: businessDate(policy.end_date) })}</span></p>
      <${Due} due=${policy.due} />
    </article>
  `;
}

export function Claim(claim) {
  const missing = claim.missing_documents;
  return html`
    <article class="item" key=${claim.number} data-testid="open-claim">
      <header><${Opens} kind="claim" id=${claim.number} class="link number">${claim.number}<//><span class="badge stage-${claim.stage}">${known("stage", claim.stage)}</span></header>
      <p class="muted">${known("product", claim.product_type)} · ${businessDate(claim.incident_date)}${claim.claimed_amount ? ` · ${t("person.claimed", { amount: money(claim.claimed_amount) })}` : ""}</p>
      <p><span class="waits-${claim.waits_for}">${t(`panel.waits.${claim.waits_for}`)}</span>${claim.next_step_by && html` <span class="muted">${t("person.next_step", { date: businessDate(claim.next_step_by) })}</span>`}</p>
      ${missing.length > 0 && html`<p class="missing"><span>${t("person.missing")}</span>${missing.map((one) => html`<b key=${one.code}>${named(one.name)}</b>`)}</p>`}
    </article>
  `;
}

export function OpenTicket(one) {
  const isThis = one.number === ticket.value?.number;
  return html`
    <article class="item" key=${one.number}>
      <header><button class="link number" disabled=${isThis} onClick=${() => open(one.number)}>${one.number}</button><span class="badge">${isThis ? t("panel.this_one") : known("status", one.status)}</span></header>
      <p><span class="kind kind-${one.kind}">${known("kind", one.kind)}</span> <span class="muted">${one.agent ?? ""}</span></p>
      <p class="clamped">${summaryOf(one)}</p>
    </article>
  `;
}

export function Change(one) {
  return html`
    <article class="item" key=${one.number} data-testid="open-change">
      <header><strong>${t(`panel.change_kind.${one.kind}`)}</strong><span class="badge">${t(`panel.change_state.${one.state}`)}</span></header>
      <p class="item-foot"><span class="muted"><span class="number">${one.policy_number ?? one.number}</span> · ${dayName(one.asked_at)}</span><${Opens} kind="change" id=${one.number} data-testid="open-change-${one.number}">${t(one.state === "asked" ? "panel.confirm_change" : "panel.look")}<//></p>
    </article>
  `;
}

export function Contact(entry) {
  const words = entry.kind === "handoff" ? t("talk.handoff", { number: entry.text }) : entry.text || t("panel.file");
  return html`
    <article class="contact" key=${entry.id} title=${fullTime(entry.occurred_at)}>
      <span class="channel-${entry.channel}"><${Icon} name=${entry.channel} label=${known("channel", entry.channel)} size="14" /></span>
      <p><b>${entry.agent ?? t(`speaker.${entry.speaker}`)}</b> ${words.replace(/⟦[^⟧]*⟧/g, "•••")}</p>
      <time datetime=${entry.occurred_at}>${dayName(entry.occurred_at)} ${clockTime(entry.occurred_at)}</time>
    </article>
  `;
}
