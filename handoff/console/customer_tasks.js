// What was promised to the customer: take it, say what came of it, promise another thing.
import { html, useState } from "/static/vendor/preact.js";
import { newKey, post } from "/static/console/api.js";
import { clockTime, dayName } from "/static/console/format.js";
import { momentOf, MomentField, tomorrowAtTen } from "/static/console/moment_field.js";
import { readPerson } from "/static/console/person.js";
import { Dialog } from "/static/console/resolve.js";
import { may, ticket } from "/static/console/store.js";
import { has, t } from "/static/console/texts.js";
import { tell, tellProblem } from "/static/console/toasts.js";

const KINDS = ["callback", "follow_up", "quote", "review"];

async function attempt(work, done) {
  try {
    await work();
    if (done) tell(t(done));
    return true;
  } catch (problem) {
    if (has(`panel.problem.${problem.code}`)) tell(t(`panel.problem.${problem.code}`), "bad");
    else tellProblem(problem);
    return false;
  } finally {
    readPerson();
  }
}

function Close({ task, onClose }) {
  const submit = async (event) => {
    event.preventDefault();
    const outcome = new FormData(event.target).get("outcome").trim();
    if (outcome && (await attempt(() => post(`/tasks/${task.number}/close`, { state: "done", outcome }), "panel.task_done"))) onClose();
  };
  return html`
    <${Dialog} title=${task.summary} onClose=${onClose}>
      <form onSubmit=${submit}>
        <label class="field"><span>${t("panel.outcome")}</span><textarea name="outcome" rows="3" required maxlength="1000" placeholder=${t("panel.outcome_hint")} data-testid="task-outcome"></textarea></label>
        <footer><button type="button" onClick=${onClose}>${t("cancel")}</button><button class="primary" data-testid="task-done">${t("panel.done")}</button></footer>
      </form>
    <//>
  `;
}

function Task({ task }) {
  const [closes, setCloses] = useState(false);
  const take = () => attempt(() => post(`/tasks/${task.number}/take`, {}));
  return html`
    <article class="item" data-testid="task">
      <header><strong>${t(`panel.task_kind.${task.kind}`)}</strong><span class="badge ${task.is_overdue ? "late" : ""}">${task.is_overdue ? t("panel.overdue") : t("panel.due", { time: `${dayName(task.due_at)} ${clockTime(task.due_at)}` })}</span></header>
      <p>${task.summary}</p>
      <p class="item-foot"><span class="muted">${task.owner ? t("panel.owner", { name: task.owner }) : t("panel.nobody")}</span>
        ${may("tasks:write") && html`${!task.owner && html`<button class="link" onClick=${take}>${t("panel.take")}</button>`}<button class="link" data-testid="close-task" onClick=${() => setCloses(true)}>${t("panel.done")}</button>`}</p>
      ${closes && html`<${Close} task=${task} onClose=${() => setCloses(false)} />`}
    </article>
  `;
}

function NewTask({ id, onDone }) {
  const [key] = useState(newKey);
  const submit = async (event) => {
    event.preventDefault();
    const typed = new FormData(event.target);
    const body = { kind: typed.get("kind"), summary: typed.get("summary").trim(), due_at: momentOf(typed.get("due_at")), customer_id: id, ticket_number: ticket.value?.number };
    if (await attempt(() => post("/tasks", body, key), "panel.task_saved")) onDone();
  };
  return html`
    <form class="new-task" onSubmit=${submit}>
      <select name="kind" aria-label=${t("panel.kind")}>${KINDS.map((kind) => html`<option key=${kind} value=${kind}>${t(`panel.task_kind.${kind}`)}</option>`)}</select>
      <textarea name="summary" rows="2" required maxlength="500" aria-label=${t("panel.summary")} placeholder=${t("panel.summary_hint")} data-testid="task-summary"></textarea>
      <${MomentField} label=${t("panel.until")} name="due_at" required defaultValue=${tomorrowAtTen()} />
      <div class="item-foot"><button class="small primary" data-testid="task-save">${t("panel.save")}</button><button type="button" class="small" onClick=${onDone}>${t("cancel")}</button></div>
    </form>
  `;
}

export function Tasks({ id, items }) {
  const [adds, setAdds] = useState(false);
  return html`
    ${items.length === 0 && !adds && html`<p class="muted">${t("panel.no_tasks")}</p>`}
    ${items.map((task) => html`<${Task} key=${task.number} task=${task} />`)}
    ${may("tasks:write") && (adds ? html`<${NewTask} id=${id} onDone=${() => setAdds(false)} />` : html`<button class="link" data-testid="new-task" onClick=${() => setAdds(true)}>+ ${t("panel.add_task")}</button>`)}
  `;
}
