// What is going on with the open ticket, above the place to answer: waiting, a step of the bot, what WeChat still lets through.
import { effect, html, signal, untracked } from "/static/vendor/preact.js";
import { get } from "/static/console/api.js";
import { clockTime, dayName, since } from "/static/console/format.js";
import { Icon } from "/static/console/icons.js";
import { can, cancelStep, toggleWaiting } from "/static/console/moves.js";
import { entries, ticket } from "/static/console/store.js";
import { t } from "/static/console/texts.js";

function Waiting({ shown }) {
  if (!shown.paused_at || shown.status === "resolved") return null;
  return html`
    <div class="state" data-testid="waiting">
      <${Icon} name="pause" size="16" /><span>${t("states.waiting", { time: since(shown.paused_at) })}</span>
      ${can.continue() && html`<button class="small" data-testid="continue" title="W" onClick=${toggleWaiting}>${t("moves.continue")}</button>`}
    </div>
  `;
}

function BotStep({ shown }) {
  const task = shown.bot_task;
  if (!task) return null;
  return html`
    <div class="state bot-step" data-testid="bot-step" role="status">
      <span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>
      <span>${t("states.step", { step: t(`step.${task.kind}`), time: since(task.begun_at) })}</span>
      ${can.cancel() && html`<button class="small" data-testid="cancel-step" onClick=${cancelStep}>${t("moves.cancel_step")}</button>`}
    </div>
  `;
}

/** `{conversation, way, left, until, waiting}` of the open conversation; null where the channel does not count. */
const allowance = signal(null);

let turns = 0;

async function readAllowance(conversation) {
  const turn = ++turns;
  try {
    const read = await get(`/conversations/${conversation}/allowance`);
    if (turn === turns && ticket.value?.conversation_id === conversation) allowance.value = read.way === "free" ? null : { conversation, ...read };
  } catch {
    if (turn === turns) allowance.value = null; // without it the composer works all the same
  }
}

/** Every message moves the allowance: begin to read it again with each. */
export function followAllowance() {
  effect(() => {
    const [shown, last] = [ticket.value, entries.value?.at(-1)];
    void [last?.id, last?.delivery];
    untracked(() => {
      if (allowance.value?.conversation !== shown?.conversation_id) allowance.value = null;
      if (shown?.channel === "wechat" && shown.status !== "resolved" && last) readAllowance(shown.conversation_id);
    });
  });
}

function Allowance() {
  const left = allowance.value;
  if (!left) return null;
  const until = left.until ? `${dayName(left.until)} ${clockTime(left.until)}` : "";
  const key = left.way === "passive" ? "passive" : left.left > 0 ? "left" : "none";
  return html`
    <p class="allowance ${left.left > 1 || left.way === "passive" ? "" : "low"}" data-testid="allowance">
      <${Icon} name="wechat" size="14" />${t(`allowance.${key}`, { left: left.left, until })}
      ${left.waiting > 0 && html`<b>${t("allowance.waiting", { count: left.waiting })}</b>`}
    </p>
  `;
}

export function States({ shown }) {
  return html`<${Waiting} shown=${shown} /><${BotStep} shown=${shown} />${can.return() && html`<${Allowance} />`}`;
}
