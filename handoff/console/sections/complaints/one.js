// One complaint: its clocks, class and cause, the proposal, and what happened.
import { html, useState } from "/static/vendor/preact.js";
import { patch, post } from "/static/console/api.js";
import { summaryOf } from "/static/console/format.js";
import { translator } from "/static/console/texts.js";
import { attempt, BackLink, Loaded, may, moment, Select, TicketLink, useRead } from "/static/console/sections/kit.js";
import { Clocks } from "/static/console/sections/complaints/clocks.js";
import { CATEGORIES, PRODUCTS, SEVERITIES } from "/static/console/sections/complaints/list.js";
import { texts } from "/static/console/sections/complaints/texts.js";

const t = translator(texts);

function Facts({ complaint }) {
  const facts = {
    customer: complaint.customer ? html`<a href="#customers/${complaint.customer.id}">${complaint.customer.name}</a>` : t("stranger"),
    channel: t(`channel.${complaint.channel}`),
    opened: moment(complaint.opened_at),
    status: t(`status.${complaint.status}`),
    agent: complaint.agent?.name ?? t("nobody"),
    ...(complaint.outcome ? { outcome: t(`outcome.${complaint.outcome}`) } : {}),
    ticket: html`<${TicketLink} number=${complaint.number}>${t("to_ticket", { number: complaint.number })}<//>`,
  };
  return html`
    <section class="card"><p class="complaints-summary complaints-lead">${summaryOf(complaint)}</p>
      <dl class="facts">${Object.entries(facts).map(([name, value]) => html`<div key=${name}><dt>${t(`facts.${name}`)}</dt><dd>${value}</dd></div>`)}</dl>
    </section>
  `;
}

function Classify({ complaint, onDone }) {
  const asRead = { category: complaint.category, severity: complaint.severity, product_type: complaint.product_type ?? "", root_cause: complaint.root_cause ?? "" };
  const [draft, setDraft] = useState(asRead);
  const set = (name) => (value) => setDraft({ ...draft, [name]: value });
  const changed = Object.fromEntries(Object.entries(draft).filter(([name, value]) => value !== asRead[name]).map(([name, value]) => [name, value.trim() || null]));
  const save = async (event) => {
    event.preventDefault();
    await attempt(texts, () => patch(`/complaints/${complaint.number}`, { version: complaint.version, ...changed }), t("saved"));
    onDone();
  };
  const field = (name, options) => html`<label class="field"><span>${t(`${name}_name`)}</span><${Select} value=${draft[name === "product" ? "product_type" : name]} onChange=${set(name === "product" ? "product_type" : name)} options=${options} testid=${`complaint-${name}`} /></label>`;
  return html`
    <form class="card complaints-form" onSubmit=${save}>
      <h3>${t("classify")}</h3>
      <fieldset disabled=${!may("tickets:write")}>
        <div class="fields">
          ${field("category", CATEGORIES.map((one) => [one, t(`category.${one}`)]))}
          ${field("severity", SEVERITIES.map((one) => [one, t(`severity.${one}`)]))}
          ${field("product", [["", t("no_product")], ...PRODUCTS.map((one) => [one, t(`product.${one}`)])])}
          <label class="field wide"><span>${t("root_cause")}</span><textarea rows="3" maxlength="2000" placeholder=${t("root_cause_hint")} value=${draft.root_cause} data-testid="complaint-cause" onInput=${(event) => set("root_cause")(event.target.value)}></textarea></label>
        </div>
      </fieldset>
      ${may("tickets:write") && html`<div class="toolbar"><button class="primary" data-testid="complaint-save" disabled=${!Object.keys(changed).length}>${t("save")}</button></div>`}
    </form>
  `;
}

function Proposal({ complaint, events, onDone }) {
  const [text, setText] = useState("");
  const save = async (event) => {
    event.preventDefault();
    await attempt(texts, () => post(`/complaints/${complaint.number}/proposal`, { text: text.trim() || null }), t("proposal_saved"));
    onDone();
  };
  if (complaint.proposed_at) {
    const made = events.find((one) => one.kind === "proposed");
    return html`<section class="card" data-testid="complaint-proposed"><h3>${t("proposal")}</h3><p class="complaints-summary">${made?.text ?? html`<span class="muted">${t("proposal_text_none")}</span>`}</p><p class="muted">${t("proposed", { when: moment(complaint.proposed_at) })}${made?.agent ? ` · ${made.agent.name}` : ""}</p></section>`;
  }
  if (!may("tickets:write") || complaint.status === "resolved") return null;
  return html`
    <form class="card complaints-form" onSubmit=${save}>
      <h3>${t("proposal")}</h3><p class="muted">${t("proposal_hint")}</p>
      <label class="field"><span>${t("proposal_text")}</span><textarea rows="3" maxlength="5000" value=${text} data-testid="complaint-proposal" onInput=${(event) => setText(event.target.value)}></textarea></label>
      <div class="toolbar"><button class="primary" data-testid="complaint-propose">${t("proposal_save")}</button></div>
    </form>
  `;
}

function History({ events }) {
  const shown = events.filter((one) => one.kind !== "offered");
  return html`
    <section class="card"><h3>${t("history")}</h3>
      ${!shown.length && html`<p class="muted">${t("no_history")}</p>`}
      <ol class="lines" data-testid="complaint-history">${shown.map((one) => html`
        <li key=${one.id}><span><strong>${t(`event.${one.kind}`)}</strong>${one.agent ? ` · ${one.agent.name}` : ""}${one.details.fields?.length ? html` <span class="muted">${one.details.fields.map((field) => t(`field.${field}`)).join(" / ")}</span>` : ""}${one.text && html`<br /><span class="complaints-summary">${one.text}</span>`}</span><span class="muted">${moment(one.occurred_at)}</span></li>`)}</ol>
    </section>
  `;
}

export function One({ number }) {
  const complaint = useRead(`/complaints/${encodeURIComponent(number)}`);
  const ticket = useRead(`/tickets/${encodeURIComponent(number)}`);
  const onDone = () => {
    complaint.read();
    ticket.read();
  };
  const events = ticket.data?.events ?? [];
  return html`
    <${BackLink} href="#complaints">${t("back")}<//>
    <header class="page-head"><h2 data-testid="complaint-title">${t("title", { number })}</h2></header>
    <${Loaded} state=${complaint}>${(one) => html`
      <${Clocks} complaint=${one} />
      <div class="two">
        <div class="complaints-side"><${Facts} complaint=${one} /><${Proposal} complaint=${one} events=${events} onDone=${onDone} /></div>
        <div class="complaints-side"><${Classify} key=${one.version} complaint=${one} onDone=${onDone} /><${History} events=${events} /></div>
      </div>`}<//>
  `;
}
