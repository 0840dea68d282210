// The dialogs behind the moves: each says what will happen before it happens.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { get } from "/static/console/api.js";
import { fullTime, summaryOf } from "/static/console/format.js";
import { History } from "/static/console/history.js";
import { act, asked, merge, STEPS } from "/static/console/moves.js";
import { Dialog } from "/static/console/resolve.js";
import { currentNumber, ticket } from "/static/console/store.js";
import { loadTeam, present, serving, skillName, skills } from "/static/console/team.js";
import { t } from "/static/console/texts.js";
import { initial } from "/static/console/top.js";
import { tellProblem } from "/static/console/toasts.js";

const close = () => (asked.value = null);

/** A form whose button does the move; it closes when that worked. */
function Asking({ name, lead, may = true, children, onSubmit, confirm = t(`moves.${name}_confirm`) }) {
  const [busy, setBusy] = useState(false);
  async function submit(event) {
    event.preventDefault();
    setBusy(true);
    const isDone = await onSubmit(new FormData(event.target));
    setBusy(false);
    if (isDone) close();
  }
  return html`
    <form onSubmit=${submit}>
      <p class="muted">${lead ?? t(`moves.${name}_lead`)}</p>
      ${children}
      <footer>
        <button type="button" onClick=${close}>${t("cancel")}</button>
        <button class="primary" data-testid="move-confirm" disabled=${busy || !may}>${confirm}</button>
      </footer>
    </form>
  `;
}

function NoteField() {
  return html`<label class="field"><span>${t("moves.note")}</span><textarea name="note" rows="2" maxlength="5000" placeholder=${t("moves.note_placeholder")}></textarea></label>`;
}

const noteOf = (form) => form.get("note")?.trim() || null;

function Choice({ name, value, chosen, choose, isOff, children }) {
  return html`
    <label class="choice ${chosen === value ? "chosen" : ""}">
      <input type="radio" name=${name} value=${value} checked=${chosen === value} disabled=${isOff} onChange=${() => choose(value)} />
      ${children}
    </label>
  `;
}

function Transfer() {
  const others = skills.value.filter((one) => one !== ticket.value?.skill);
  const [skill, setSkill] = useState(null);
  return html`
    <${Asking} name="transfer" may=${skill} onSubmit=${(form) => act("transfer", { skill, note: noteOf(form) }, "moves.transferred")}>
      <fieldset class="choices-list" aria-label=${t("moves.transfer")}>
        ${others.map((one) => html`<${Choice} key=${one} name="skill" value=${one} chosen=${skill} choose=${setSkill}><b>${skillName(one)}</b><span class="muted">${t("moves.present", { count: present(one) })}</span><//>`)}
      </fieldset>
      <${NoteField} />
    <//>
  `;
}

function Assign() {
  const [agent, setAgent] = useState(null);
  return html`
    <${Asking} name="assign" may=${agent} onSubmit=${(form) => act("assign", { agent_id: agent, note: noteOf(form) }, "moves.assigned")}>
      <fieldset class="choices-list" aria-label=${t("moves.assign")}>
        ${serving.value.map(
          (one) => html`
            <${Choice} key=${one.id} name="agent" value=${one.id} chosen=${agent} choose=${setAgent} isOff=${one.id === ticket.value?.agent?.id}>
              <span class="avatar ${one.presence === "available" ? "" : "away"}">${initial(one.name)}</span>
              <b>${one.name}</b>
              <span class="muted">${t(`moves.${one.presence ?? "gone"}`)} · ${t("moves.load", { count: one.load })} · ${one.skills.map(skillName).join(" / ")}</span>
            <//>
          `,
        )}
      </fieldset>
      <${NoteField} />
    <//>
  `;
}

function useOthers(number) {
  const [others, setOthers] = useState(null);
  useEffect(() => {
    const query = `status=queued&status=assigned&status=waiting&same_person_as=${encodeURIComponent(number)}&limit=50`;
    get(`/tickets?${query}`).then((page) => setOthers(page.items), tellProblem);
  }, [number]);
  return others;
}

function Merge() {
  const others = useOthers(currentNumber.value);
  const [into, setInto] = useState(null);
  if (!others) return html`<p class="muted loading">${t("loading")}</p>`;
  if (!others.length) return html`<p class="muted loading" data-testid="nothing-to-merge">${t("moves.merge_none")}</p>`;
  return html`
    <${Asking} name="merge" may=${into} confirm=${t("moves.merge_confirm", { into: into ?? "" })} onSubmit=${() => merge(into)}>
      <fieldset class="choices-list" aria-label=${t("moves.merge")}>
        ${others.map(
          (one) => html`
            <${Choice} key=${one.number} name="into" value=${one.number} chosen=${into} choose=${setInto}>
              <b class="number">${one.number}</b> <span class="kind kind-${one.kind}">${t(`kind.${one.kind}`)}</span>
              <span class="muted">${t(`status.${one.status}`)} · ${fullTime(one.opened_at)}</span>
              <span class="choice-words">${summaryOf(one)}</span>
            <//>
          `,
        )}
      </fieldset>
    <//>
  `;
}

const Reopen = () => html`<${Asking} name="reopen" onSubmit=${() => act("reopen", {}, "moves.reopened")} />`;

function Return() {
  return html`<${Asking} name="return" onSubmit=${(form) => act("return-to-bot", { note: noteOf(form) }, "moves.returned")}><${NoteField} /><//>`;
}

function Step({ kind }) {
  return html`<${Asking} name="step" lead=${t(`step.${kind}_lead`)} onSubmit=${() => act("bot-task", { kind }, "moves.step_begun")} />`;
}

const FORMS = { transfer: Transfer, assign: Assign, merge: Merge, reopen: Reopen, return: Return, history: History };

export function MoveDialog() {
  const name = asked.value;
  useEffect(() => {
    if (name) loadTeam().catch(tellProblem);
  }, [name]);
  if (!name || !ticket.value) return null;
  const isStep = STEPS.includes(name);
  const Form = isStep ? Step : FORMS[name];
  const title = isStep ? t(`step.${name}`) : t(`moves.${name}_title`, { number: ticket.value.number });
  return html`<${Dialog} title=${title} onClose=${close} key=${name}><${Form} kind=${name} /><//>`;
}
