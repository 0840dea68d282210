// What is going on: policies and what is due, open claims and what they wait for, tickets, tasks, changes.
import { html, useState } from "/static/vendor/preact.js";
import { newKey, post } from "/static/console/api.js";
import { businessDate, dayOf, fullTime, money, since, summaryOf } from "/static/console/format.js";
import { momentOf, MomentField } from "/static/console/moment_field.js";
import { named } from "/static/console/texts.js";
import { attempt, may, t, zone } from "/static/console/sections/customers/calls.js";

const STATUS = { active: "good", grace: "warn", lapsed: "bad", expired: "plain", surrendered: "plain" };

export function Policies({ seen }) {
  if (!seen.policies) return null;
  return html`
    <section class="card" data-testid="policies"><h3>${t("policies")}</h3>
      ${!seen.policies.length && html`<p class="muted">${t("no_policies")}</p>`}
      <ul class="customers-list">${seen.policies.map((one) => html`
        <li key=${one.number}>
          <span><strong>${named(one.product_name)}</strong> <span class="digits muted">${one.number}</span><br />
            <span class="muted">${money(one.sum_insured)} · ${t("until", { date: businessDate(one.end_date) })}</span></span>
          <span class="customers-right"><span class="pill ${STATUS[one.status]}">${t(`policy_status.${one.status}`)}</span>
            ${one.due && html`<span class=${one.due.status === "overdue" ? "customers-bad" : "muted"}>${t(one.due.status, { date: businessDate(one.due.due_date), amount: money(one.due.amount) })}${one.due.status === "overdue" && one.due.grace_until ? ` · ${t("grace", { date: businessDate(one.due.grace_until) })}` : ""}</span>`}</span>
        </li>`)}</ul>
    </section>
  `;
}

export function Claims({ seen }) {
  if (!seen.claims) return null;
  return html`
    <section class="card" data-testid="claims"><h3>${t("claims")}</h3>
      ${seen.draft && html`<p class="pill">${t("draft", { channel: zone(seen.draft.started_on), when: since(seen.draft.updated_at) })}</p>`}
      ${!seen.claims.length && html`<p class="muted">${t("no_claims")}</p>`}
      <ul class="customers-list">${seen.claims.map((one) => html`
        <li key=${one.number}>
          <span><strong>${t(`stage.${one.stage}`)}</strong> <span class="digits muted">${one.number}</span> ${one.claimed_amount && money(one.claimed_amount)}<br />
            <span class="muted">${one.missing_documents.map((document) => named(document.name)).join(" · ")}</span></span>
          <span class="customers-right"><span class="pill ${one.waits_for === "customer" ? "warn" : ""}">${t(`waits.${one.waits_for}`)}</span>${one.next_step_by && html`<span class="muted">${t("next_step", { date: businessDate(one.next_step_by) })}</span>`}</span>
        </li>`)}</ul>
    </section>
  `;
}

export function Tickets({ seen }) {
  if (!seen.tickets) return null;
  return html`
    <section class="card" data-testid="tickets"><h3>${t("tickets")}</h3>
      ${!seen.tickets.length && html`<p class="muted">${t("no_tickets")}</p>`}
      <ul class="customers-list">${seen.tickets.map((one) => html`<li key=${one.number}><span><span class="kind kind-${one.kind}">${t(`kind.${one.kind}`)}</span> <span class="digits muted">${one.number}</span><br />${summaryOf(one)}</span><span class="muted">${one.agent ?? t(`status.${one.status}`)}</span></li>`)}</ul>
    </section>
  `;
}

export function Tasks({ id, seen, read }) {
  const [draft, setDraft] = useState(null);
  if (!seen.tasks) return null;
  const take = (one) => attempt(() => post(`/tasks/${one.number}/take`, {})).then(read);
  const close = (one) => {
    const outcome = prompt(t("outcome"))?.trim();
    if (outcome) attempt(() => post(`/tasks/${one.number}/close`, { state: "done", outcome }), "task_done").then(read);
  };
  const add = async (event) => {
    event.preventDefault();
    const body = { kind: draft.kind, summary: draft.summary.trim(), due_at: momentOf(draft.due_at), customer_id: id };
    if (await attempt(() => post("/tasks", body, draft.key), "saved")) { setDraft(null); await read(); }
  };
  return html`
    <section class="card" data-testid="tasks"><h3>${t("tasks")}</h3>
      ${!seen.tasks.length && html`<p class="muted">${t("no_tasks")}</p>`}
      <ul class="customers-list">${seen.tasks.map((one) => html`
        <li key=${one.number}><span><span class="pill ${one.is_overdue ? "bad" : "plain"}">${t(`task_kind.${one.kind}`)}${one.is_overdue ? ` · ${t("overdue_task")}` : ""}</span> ${one.summary}<br /><span class="muted">${t("due_at")} ${fullTime(one.due_at)} · ${one.owner ?? t("nobody")}</span></span>
          ${may("tasks:write") && html`<span class="customers-right">${!one.owner && html`<button class="link" onClick=${() => take(one)}>${t("take")}</button>`}<button class="link" onClick=${() => close(one)}>${t("done")}</button></span>`}</li>`)}</ul>
      ${may("tasks:write") && !draft && html`<button class="small" data-testid="new-task" onClick=${() => setDraft({ kind: "callback", summary: "", due_at: "", key: newKey() })}>${t("new_task")}</button>`}
      ${draft && html`<form class="customers-form" onSubmit=${add}>
        <select aria-label=${t("tasks")} value=${draft.kind} onChange=${(event) => setDraft({ ...draft, kind: event.target.value })}>${["callback", "follow_up", "quote", "review"].map((one) => html`<option value=${one}>${t(`task_kind.${one}`)}</option>`)}</select>
        <input required maxlength="500" aria-label=${t("summary")} placeholder=${t("summary")} value=${draft.summary} onInput=${(event) => setDraft({ ...draft, summary: event.target.value })} />
        <${MomentField} label=${t("due_at")} required value=${draft.due_at} onInput=${(event) => setDraft({ ...draft, due_at: event.target.value })} />
        <div class="toolbar"><button class="primary small">${t("save")}</button><button type="button" class="small" onClick=${() => setDraft(null)}>${t("cancel")}</button></div></form>`}
    </section>
  `;
}

export function Changes({ seen }) {
  if (!seen.changes?.length) return null;
  return html`
    <section class="card" data-testid="open-changes"><h3>${t("changes")}</h3>
      <ul class="customers-list">${seen.changes.map((one) => html`<li key=${one.number}><span><a href="#changes/${one.number}">${t(`change_kind.${one.kind}`)}${one.field ? ` · ${t(`change_field.${one.field}`)}` : ""}</a> <span class="digits muted">${one.policy_number ?? ""}</span></span><span class="customers-right"><span class="pill">${t(`change_state.${one.state}`)}</span><span class="muted">${dayOf(one.asked_at)}</span></span></li>`)}</ul>
    </section>
  `;
}
