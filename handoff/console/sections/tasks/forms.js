// A task's forms: a new one, a changed one, and how it ended.
import { html, useState } from "/static/vendor/preact.js";
import { newKey, patch, post } from "/static/console/api.js";
import { momentOf, MomentField, tomorrowAtTen, typedOf } from "/static/console/moment_field.js";
import { Dialog } from "/static/console/resolve.js";
import { me } from "/static/console/session.js";
import { translator } from "/static/console/texts.js";
import { useWrong } from "/static/console/wrong.js";
import { attempt, may } from "/static/console/sections/kit.js";
import { texts } from "/static/console/sections/tasks/texts.js";

const t = translator(texts);
export const KINDS = ["callback", "follow_up", "quote", "review"];

function Footer({ onClose, isBusy, testid }) {
  return html`<footer><button type="button" onClick=${onClose}>${t("cancel")}</button><button class="primary" data-testid=${testid} disabled=${isBusy}>${t("save")}</button></footer>`;
}

/** To whom a task may be given: agents to oneself or everybody, supervisors to anyone. */
function Owner({ value, onChange, team, wrong }) {
  const others = may("tickets:assign") ? team.filter((one) => one.is_active && one.id !== me.value.id) : [];
  const known = new Set([me.value.id, ...others.map((one) => one.id)]);
  return html`
    <label class="field"><span>${t("owner")}</span>
      <select value=${value ?? ""} ...${wrong.at("owner_id")} data-testid="task-owner" onChange=${(event) => onChange(event.target.value ? Number(event.target.value) : null)}>
        <option value="">${t("anybody")}</option>
        <option value=${me.value.id}>${t("myself")}</option>
        ${value && !known.has(value) && html`<option value=${value}>${team.find((one) => one.id === value)?.name ?? value}</option>`}
        ${others.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}
      </select>${wrong.words("owner_id")}
    </label>
  `;
}

/** `task` null: a new one. `onDone` hears when it is saved. */
export function TaskForm({ task, team, onClose, onDone }) {
  const [draft, setDraft] = useState(
    task
      ? { summary: task.summary, due_at: typedOf(task.due_at), owner_id: task.owner?.id ?? null }
      : { kind: "callback", summary: "", due_at: tomorrowAtTen(), owner_id: me.value.id, key: newKey() },
  );
  const [isBusy, setBusy] = useState(false);
  const wrong = useWrong(["summary", "due_at", "owner_id", "ticket_number", "policy_number", "phone"]);
  const set = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const save = async (event) => {
    event.preventDefault();
    setBusy(true);
    const { key, ...written } = draft;
    const body = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== ""));
    body.due_at = momentOf(draft.due_at);
    const send = () => (task ? patch(`/tasks/${task.number}`, { ...body, version: task.version }) : post("/tasks", body, key));
    const done = await attempt(texts, send, t("saved"), wrong);
    setBusy(false);
    // Whatever was written may be corrected: that is another request than the one before.
    if (done) onDone();
    else setDraft({ ...draft, key: newKey() });
  };
  return html`
    <${Dialog} title=${task ? t("edit_title", { number: task.number }) : t("new_title")} onClose=${onClose}>
      <form onSubmit=${save}>
        ${!task && html`<label class="field"><span>${t("kind")}</span><select value=${draft.kind} data-testid="task-kind" onChange=${set("kind")}>${KINDS.map((one) => html`<option value=${one}>${t(`task_kind.${one}`)}</option>`)}</select></label>`}
        <label class="field"><span>${t("summary")}</span><textarea rows="3" required maxlength="5000" data-testid="task-summary" value=${draft.summary} onInput=${set("summary")} ...${wrong.at("summary")}></textarea>${wrong.words("summary")}</label>
        <${MomentField} label=${t("due_at")} required data-testid="task-due" value=${draft.due_at} onInput=${set("due_at")} wrong=${wrong} name="due_at" />
        <${Owner} wrong=${wrong} value=${draft.owner_id} team=${team} onChange=${(owner_id) => setDraft({ ...draft, owner_id })} />
        ${!task && ["ticket_number", "policy_number", "phone"].map((name) => html`<label class="field" key=${name}><span>${t(name)}</span><input maxlength=${name === "phone" ? 40 : 100} value=${draft[name] ?? ""} onInput=${set(name)} ...${wrong.at(name)} />${wrong.words(name)}</label>`)}
        <${Footer} onClose=${onClose} isBusy=${isBusy} testid="task-save" />
      </form>
    <//>
  `;
}

export function CloseForm({ task, onClose, onDone }) {
  const [state, setState] = useState("done");
  const [outcome, setOutcome] = useState("");
  const [isBusy, setBusy] = useState(false);
  const save = async (event) => {
    event.preventDefault();
    setBusy(true);
    await attempt(texts, () => post(`/tasks/${task.number}/close`, { state, outcome }), t("finished"));
    onDone();
  };
  return html`
    <${Dialog} title=${t("finish_title", { number: task.number })} onClose=${onClose}>
      <form onSubmit=${save}>
        <p class="muted">${task.summary}</p>
        <fieldset class="outcomes"><legend>${t("how")}</legend>
          ${["done", "cancelled"].map((one) => html`<label key=${one} class=${state === one ? "chosen" : ""}><input type="radio" name="state" value=${one} checked=${state === one} onChange=${() => setState(one)} />${t(`how_${one}`)}</label>`)}
        </fieldset>
        <label class="field"><span>${t("outcome")}</span><textarea rows="3" required maxlength="5000" placeholder=${t("outcome_hint")} data-testid="task-outcome" value=${outcome} onInput=${(event) => setOutcome(event.target.value)}></textarea></label>
        <${Footer} onClose=${onClose} isBusy=${isBusy} testid="task-close" />
      </form>
    <//>
  `;
}
