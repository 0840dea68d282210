// Tasks: what was promised to people, who does it, until when, and what came of it.
import { html, useState } from "/static/vendor/preact.js";
import { post } from "/static/console/api.js";
import { phone } from "/static/console/format.js";
import { me } from "/static/console/session.js";
import { translator } from "/static/console/texts.js";
import { attempt, Choice, Loaded, may, moment, query, Select, TicketLink, useList, useRead } from "/static/console/sections/kit.js";
import { CloseForm, KINDS, TaskForm } from "/static/console/sections/tasks/forms.js";
import { texts } from "/static/console/sections/tasks/texts.js";

const t = translator(texts);
const STATES = ["open", "done", "cancelled"];

function pathOf({ whose, state, kind, isOverdue }) {
  const owner = whose === "all" ? "" : whose;
  const sort = state === "open" ? "due_at" : "-id";
  return `/tasks${query({ owner, state, kind, is_overdue: isOverdue || "", sort, limit: 50 })}`;
}

function Filters({ value, onChange }) {
  const set = (name) => (to) => onChange({ ...value, [name]: to });
  return html`
    <div class="toolbar">
      <${Choice} label=${t("whose")} value=${value.whose} onChange=${set("whose")} testid="tasks" options=${["me", "none", "all"].map((one) => [one, t(`whose_${one}`)])} />
      <${Select} label=${t("state")} value=${value.state} onChange=${set("state")} testid="tasks-state" options=${STATES.map((one) => [one, t(`state_${one}`)])} />
      <${Select} label=${t("kind")} value=${value.kind} onChange=${set("kind")} testid="tasks-kind" options=${[["", t("all_kinds")], ...KINDS.map((one) => [one, t(`task_kind.${one}`)])]} />
      ${value.state === "open" && html`<label class="check"><input type="checkbox" checked=${value.isOverdue} data-testid="tasks-overdue" onChange=${(event) => set("isOverdue")(event.target.checked)} />${t("only_overdue")}</label>`}
    </div>
  `;
}

function Acts({ task, act }) {
  if (task.state !== "open" || !may("tasks:write")) return null;
  const mayEdit = may("tickets:assign") || !task.owner || task.owner.id === me.value.id;
  return html`
    <div class="toolbar tasks-acts">
      ${!task.owner && html`<button class="small" data-testid="task-take" onClick=${() => act("take", task)}>${t("take")}</button>`}
      <button class="small" data-testid="task-finish" onClick=${() => act("finish", task)}>${t("finish")}</button>
      ${mayEdit && html`<button class="quiet small" data-testid="task-edit" onClick=${() => act("edit", task)}>${t("edit")}</button>`}
    </div>
  `;
}

function Row({ task, act }) {
  return html`
    <tr data-testid="task-row">
      <td>
        <span class="pill plain">${t(`task_kind.${task.kind}`)}</span> <strong class="tasks-words">${task.summary}</strong>
        <div class="muted tasks-small"><span class="digits">${task.number}</span> · ${t(`origin.${task.origin}`)}${task.ticket_number && html` · <${TicketLink} number=${task.ticket_number} />`}${task.policy_number && html` · <span class="digits">${task.policy_number}</span>`}</div>
        ${task.outcome && html`<p class="tasks-outcome">${task.outcome}</p>`}
      </td>
      <td>${task.customer && html`<a href="#customers/${task.customer.id}">${task.customer.name}</a>`}${task.phone && html`<div class="muted digits tasks-small">${t("call", { phone: phone(task.phone) })}</div>`}</td>
      <td class="tasks-due">${moment(task.due_at)}${task.is_overdue && html`<div><span class="pill bad">${t("overdue")}</span></div>`}${task.closed_at && html`<div class="muted tasks-small">${t("closed", { when: moment(task.closed_at) })}</div>`}</td>
      <td>${task.owner?.name ?? html`<span class="muted">${t("nobody")}</span>`}</td>
      <td><${Acts} task=${task} act=${act} /></td>
    </tr>
  `;
}

function Table({ list, whose, act }) {
  if (!list.data.items.length) return html`<div class="card empty"><strong>${t(`none_${whose}`)}</strong>${t(`none_${whose}_hint`)}</div>`;
  return html`
    <div class="table"><table>
      <thead><tr>${["what", "who", "due", "owner"].map((one) => html`<th key=${one}>${t(`column.${one}`)}</th>`)}<th></th></tr></thead>
      <tbody>${list.data.items.map((task) => html`<${Row} key=${task.number} task=${task} act=${act} />`)}</tbody>
    </table></div>
    ${list.more && html`<button class="wide" onClick=${list.more}>${t("more")}</button>`}
  `;
}

export function Page() {
  const [filters, setFilters] = useState({ whose: "me", state: "open", kind: "", isOverdue: false });
  const [opened, setOpened] = useState(null);
  const list = useList(pathOf(filters));
  const team = useRead("/agents");
  const close = () => setOpened(null);
  const done = () => {
    close();
    list.read();
  };
  const act = async (name, task) => {
    if (name !== "take") return setOpened({ name, task });
    await attempt(texts, () => post(`/tasks/${task.number}/take`), t("taken"));
    list.read();
  };
  const dialog = { onClose: close, onDone: done, team: team.data?.items ?? [] };
  return html`
    <div class="page tasks">
      <header class="page-head"><h2>${t("sections.tasks")}</h2>${may("tasks:write") && html`<button class="primary" data-testid="task-new" onClick=${() => setOpened({ name: "new" })}>${t("add")}</button>`}<p>${t("lead")}</p></header>
      <${Filters} value=${filters} onChange=${setFilters} />
      <${Loaded} state=${list}>${() => html`<${Table} list=${list} whose=${filters.whose} act=${act} />`}<//>
      ${opened?.name === "finish" && html`<${CloseForm} task=${opened.task} ...${dialog} />`}
      ${opened && opened.name !== "finish" && html`<${TaskForm} task=${opened.task ?? null} ...${dialog} />`}
    </div>
  `;
}
