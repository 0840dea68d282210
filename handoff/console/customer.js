// The right column: the customer, what they own, what they asked for, and what was said before.
import { html, useState } from "/static/vendor/preact.js";
import { businessDate, clockTime, dayName, fullTime, money, phone } from "/static/console/format.js";
import { Icon } from "/static/console/icons.js";
import { level, person, personId, readPerson } from "/static/console/person.js";
import { currentNumber, ticket } from "/static/console/store.js";
import { has, named, t } from "/static/console/texts.js";
import { initial } from "/static/console/top.js";

const SHOWN = 4;
const known = (group, value) => (has(`${group}.${value}`) ? t(`${group}.${value}`) : value);

function Level() {
  const icons = ["question", "phone", "shield"];
  return html`
    <div class="level level-${level.value}">
      <${Icon} name=${icons[level.value]} />
      <div><strong data-testid="identity-level">${t(`level.${level.value}`)}</strong><p>${t(`level.hint${level.value}`)}</p></div>
    </div>
  `;
}

function Fact({ name, children }) {
  return children ? html`<div><dt>${t(`person.${name}`)}</dt><dd>${children}</dd></div>` : null;
}

function Card({ customer }) {
  const other = customer.latin_name && customer.latin_name !== customer.name ? customer.latin_name : "";
  return html`
    <section class="card">
      <div class="card-head">
        <span class="avatar large">${initial(customer.name)}</span>
        <div>
          <h2 data-testid="customer-name">${customer.name}</h2>
          <p class="muted">${other} <span class="tier tier-${customer.tier}">${known("tier", customer.tier)}</span></p>
        </div>
      </div>
      <${Level} />
      <dl class="facts-list">
        <${Fact} name="phone"><span class="number">${phone(customer.phone)}</span><//>
        <${Fact} name="id">${customer.id_number_masked && html`<span class="number">${customer.id_number_masked}</span> <span class="muted">${known("id_type", customer.id_type)}</span>`}<//>
        <${Fact} name="born">${customer.birth_date && html`<span class="number">${customer.birth_date}</span>`}<//>
        <${Fact} name="email">${customer.email}<//>
        <${Fact} name="region">${customer.region}<//>
        <${Fact} name="language">${known("language", customer.language)}<//>
      </dl>
    </section>
  `;
}

function Section({ name, items, empty, render }) {
  const [all, setAll] = useState(false);
  const shown = all ? items : items?.slice(0, SHOWN);
  return html`
    <section class="part part-${name}">
      <h3>${t(`person.${name}`)} ${items && html`<span class="count">${items.length}</span>`}</h3>
      ${items === null && html`<p class="muted">${t("person.failed")} <button class="link" onClick=${() => readPerson(personId.value)}>${t("retry")}</button></p>`}
      ${items?.length === 0 && html`<p class="muted">${t(`person.${empty}`)}</p>`}
      ${shown?.map(render)}
      ${items?.length > SHOWN && html`<button class="link" onClick=${() => setAll(!all)}>${all ? t("person.less") : t("person.more", { count: items.length })}</button>`}
    </section>
  `;
}

function Premium({ premium }) {
  if (!premium) return null;
  const values = { date: businessDate(premium.due_date), amount: money(premium.amount) };
  const key = { due: "premium_due", overdue: "premium_over", paid: "premium_paid" }[premium.status];
  return html`<p class="premium ${premium.status}">${t(`person.${key}`, values)}</p>`;
}

function Policy(policy) {
  return html`
    <article class="item" key=${policy.number}>
      <header><strong>${named(policy.product_name)}</strong><span class="badge policy-${policy.status}">${known("policy_status", policy.status)}</span></header>
      <p class="muted"><span class="number">${policy.number}</span> · ${known("product", policy.product_type)}</p>
      <p>${t("person.sum")} ${money(policy.sum_insured)} <span class="muted">${t("person.until", { date: businessDate(policy.end_date) })}</span></p>
      <${Premium} premium=${policy.next_premium} />
    </article>
  `;
}

function Claim(claim) {
  const missing = claim.missing_documents ?? [];
  return html`
    <article class="item" key=${claim.number}>
      <header><strong class="number">${claim.number}</strong><span class="badge stage-${claim.stage}">${known("stage", claim.stage)}</span></header>
      <p class="muted">${known("product", claim.product_type)} · ${businessDate(claim.incident_date)}</p>
      <p>
        ${claim.claimed_amount && t("person.claimed", { amount: money(claim.claimed_amount) })}
        ${claim.approved_amount && html` · ${t("person.approved", { amount: money(claim.approved_amount) })}`}
        ${claim.paid_date && html` · ${t("person.paid", { date: businessDate(claim.paid_date) })}`}
      </p>
      ${claim.next_step_by && html`<p class="muted">${t("person.next_step", { date: businessDate(claim.next_step_by) })}</p>`}
      ${missing.length > 0 && html`<p class="missing"><span>${t("person.missing")}</span>${missing.map((one) => html`<b key=${one.code}>${named(one.name)}</b>`)}</p>`}
    </article>
  `;
}

function Contact(entry) {
  return html`
    <article class="contact" key=${entry.id} title=${fullTime(entry.occurred_at)}>
      <span class="channel-${entry.channel}"><${Icon} name=${entry.channel} label=${t(`channel.${entry.channel}`)} size="14" /></span>
      <p><b>${t(`speaker.${entry.speaker}`)}</b> ${entry.kind === "handoff" ? t("talk.handoff", { number: entry.text }) : entry.text}</p>
      <time datetime=${entry.occurred_at}>${dayName(entry.occurred_at)} ${clockTime(entry.occurred_at)}</time>
    </article>
  `;
}

function Known({ shown }) {
  return html`
    ${shown.customer ? html`<${Card} customer=${shown.customer} />` : html`<section class="card"><h2 data-testid="customer-name">${ticket.value.customer?.name}</h2><${Level} /></section>`}
    <${Section} name="policies" items=${shown.policies} empty="no_policies" render=${Policy} key="policies-${shown.id}" />
    <${Section} name="claims" items=${shown.claims} empty="no_claims" render=${Claim} key="claims-${shown.id}" />
    <${Section} name="record" items=${shown.interactions} empty="no_record" render=${Contact} key="record-${shown.id}" />
  `;
}

function Nobody() {
  return html`
    <section class="card">
      <div class="card-head"><span class="avatar large unknown">?</span><h2 data-testid="customer-name">${t("person.nobody")}</h2></div>
      <${Level} />
      <p class="muted">${t("person.nobody_hint")}</p>
    </section>
  `;
}

export function Customer() {
  let content = html`<p class="muted loading">${t("loading")}</p>`;
  if (!currentNumber.value) content = html`<p class="muted loading">${t("person.no_ticket")}</p>`;
  else if (ticket.value && personId.value === null) content = html`<${Nobody} />`;
  else if (ticket.value && person.value) content = html`<${Known} shown=${person.value} />`;
  return html`<aside class="person" aria-label=${t("person.title")}>${content}</aside>`;
}
