// The right column: who the customer is, what they own, what is going on, and what was said before.
import { html, useState } from "/static/vendor/preact.js";
import { Beside, isWorking, Opens, useReturn } from "/static/console/beside.js";
import { phone } from "/static/console/format.js";
import { Change, Claim, Contact, known, OpenTicket, Policy } from "/static/console/customer_parts.js";
import { Tasks } from "/static/console/customer_tasks.js";
import { Icon } from "/static/console/icons.js";
import { level, person, personId, readPerson } from "/static/console/person.js";
import { Masked } from "/static/console/reveal.js";
import { currentNumber, may, ticket } from "/static/console/store.js";
import { t } from "/static/console/texts.js";
import { initial } from "/static/console/top.js";

const SHOWN = 4;

function Level() {
  const icons = ["question", "phone", "shield"];
  return html`
    <div class="level level-${level.value}">
      <${Icon} name=${icons[level.value]} />
      <div><strong data-testid="identity-level">${t(`level.${level.value}`)}</strong><p>${t(`level.hint${level.value}`)}</p></div>
    </div>
  `;
}

function Fact({ name, group = "person", children }) {
  return children ? html`<div><dt>${t(`${group}.${name}`)}</dt><dd>${children}</dd></div>` : null;
}

function Consents({ items }) {
  if (!items?.length) return null;
  return items.map((one) => html`<span class="pill ${one.given ? "good" : "plain"}" key="${one.purpose}${one.channel}">${t(`panel.purpose.${one.purpose}`)}${one.channel ? ` · ${known("channel", one.channel)}` : ""} ${t(one.given ? "panel.given" : "panel.refused")}</span>`);
}

function Facts({ id, seen }) {
  const { customer } = seen;
  const masked = (field, value, format) => value && html`<${Masked} id=${id} field=${field} format=${format} key="${ticket.value.number}-${field}">${value}<//>`;
  return html`
    <dl class="facts-list">
      <${Fact} name="phone">${masked("phone", customer.phone, phone)}<//>
      <${Fact} name="id">${masked("id_number", customer.id_number_masked)}<//>
      <${Fact} name="born">${customer.birth_date && html`<span class="number">${customer.birth_date}</span>`}<//>
      <${Fact} name="email">${customer.email}<//>
      <${Fact} name="region">${customer.region}<//>
      <${Fact} name="language">${known("language", customer.language)}<//>
      <${Fact} name="family" group="panel">${seen.family.length > 0 && seen.family.map((one) => html`<span class="relative" key=${one.id}>${one.customer_id ? html`<a href="#customers/${one.customer_id}">${one.name}</a>` : one.name} <span class="muted">${known("panel.relation", one.relation)}</span></span>`)}<//>
      <${Fact} name="tags" group="panel">${customer.tags.length > 0 && customer.tags.map((tag) => html`<span class="pill plain" key=${tag}>${tag}</span>`)}<//>
      <${Fact} name="consents" group="panel">${seen.consents?.length > 0 && html`<${Consents} items=${seen.consents} />`}<//>
    </dl>
  `;
}

function Card({ id, seen }) {
  const { customer } = seen;
  const other = customer.latin_name && customer.latin_name !== customer.name ? customer.latin_name : "";
  const stopped = seen.channels.filter((one) => one.is_stopped);
  return html`
    <section class="card">
      <div class="card-head">
        <span class="avatar large">${initial(customer.name)}</span>
        <div>
          <h2 data-testid="customer-name">${customer.name}</h2>
          <p class="muted">${other} <span class="tier tier-${customer.tier}">${known("tier", customer.tier)}</span></p>
        </div>
        <a class="whole" href="#customers/${id}">${t("panel.all")}</a>
      </div>
      <${Level} />
      ${stopped.map((one) => html`<p class="pill bad" key=${one.channel}>${t("panel.stopped", { channel: known("channel", one.channel) })}</p>`)}
      <${Facts} id=${id} seen=${seen} />
    </section>
  `;
}

function Part({ name, title, items, empty, children }) {
  if (items === null || items === undefined) return null; // the agent may not read it
  return html`
    <section class="part part-${name}" data-testid="part-${name}">
      <h3>${t(title)} ${items.length > 0 && html`<span class="count">${items.length}</span>`}</h3>
      ${items.length === 0 && empty && html`<p class="muted">${t(empty)}</p>`}
      ${children}
    </section>
  `;
}

function Some({ items, render }) {
  const [all, setAll] = useState(false);
  return html`
    ${(all ? items : items.slice(0, SHOWN)).map(render)}
    ${items.length > SHOWN && html`<button class="link" onClick=${() => setAll(!all)}>${all ? t("person.less") : t("person.more", { count: items.length })}</button>`}
  `;
}

function Claims({ id, seen }) {
  const report = may("claims:write") && html`<${Opens} kind="report" id=${id} class="link small-link" data-testid="report-claim">+ ${t("panel.report")}<//>`;
  return html`
    ${seen.draft && html`<p class="item draft">${t("panel.draft")} ${may("claims:write") && html`<${Opens} kind="report" id=${id}>${t("panel.go_on")}<//>`}</p>`}
    <${Some} items=${seen.claims} render=${Claim} />
    ${!seen.draft && report}
  `;
}

function Known({ id, seen }) {
  useReturn();
  return html`
    <${Card} id=${id} seen=${seen} />
    ${seen.changes?.length > 0 && html`<${Part} name="changes" title="panel.changes" items=${seen.changes}><${Some} items=${seen.changes} render=${Change} /><//>`}
    <${Part} name="tasks" title="panel.tasks" items=${seen.tasks}>${seen.tasks && html`<${Tasks} id=${id} items=${seen.tasks} />`}<//>
    <${Part} name="claims" title="panel.open_claims" items=${seen.claims} empty="panel.no_open_claims">${seen.claims && html`<${Claims} id=${id} seen=${seen} />`}<//>
    <${Part} name="policies" title="person.policies" items=${seen.policies} empty="person.no_policies">${seen.policies && html`<${Some} items=${seen.policies} render=${Policy} />`}<//>
    <${Part} name="tickets" title="panel.tickets" items=${seen.tickets} empty="panel.no_tickets">${seen.tickets && html`<${Some} items=${seen.tickets} render=${OpenTicket} />`}<//>
    <${Part} name="record" title="person.record" items=${seen.interactions} empty="person.no_record">${seen.interactions && html`<${Some} items=${seen.interactions} render=${Contact} />`}<//>
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

function Failed() {
  return html`
    <section class="card"><h2 data-testid="customer-name">${ticket.value.customer?.name}</h2><${Level} />
      <p class="muted">${t("panel.failed")} <button class="link" onClick=${() => readPerson()}>${t("retry")}</button></p></section>
  `;
}

export function Customer() {
  let content = html`<p class="muted loading">${t("loading")}</p>`;
  if (isWorking() && ticket.value) content = html`<${Beside} />`;
  else if (!currentNumber.value) content = html`<p class="muted loading">${t("person.no_ticket")}</p>`;
  else if (ticket.value && personId.value === null) content = html`<${Nobody} />`;
  else if (ticket.value && person.value) {
    const { id, seen } = person.value;
    content = seen ? html`<${Known} id=${id} seen=${seen} key="${ticket.value.number}-${id}" />` : html`<${Failed} />`;
  }
  return html`<aside class="person ${isWorking() ? "working" : ""}" aria-label=${t("person.title")}>${content}</aside>`;
}
