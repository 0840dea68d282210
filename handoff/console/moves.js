// What can be done with a ticket beside answering it, and the calls that do it.
import { signal } from "/static/vendor/preact.js";
import { post } from "/static/console/api.js";
import { currentNumber, isMine, may, mayWrite, open, pathOf, refreshOne, showTicket, ticket } from "/static/console/store.js";
import { t } from "/static/console/texts.js";
import { tell, tellProblem } from "/static/console/toasts.js";

export const STEPS = ["verify_identity", "collect_documents"];

/** The dialog that is open: `transfer`, `assign`, `merge`, `reopen`, `return`, `history`, or a step; null when none is. */
export const asked = signal(null);

const isOpenTicket = () => ticket.value && ticket.value.status !== "resolved";
const isOwn = () => isOpenTicket() && isMine.value && mayWrite.value;
const mayMove = () => isOpenTicket() && mayWrite.value && (isMine.value || may("tickets:assign"));

/** Whether the open ticket lets this agent do it now. */
export const can = {
  wait: () => isOwn() && !ticket.value.paused_at,
  continue: () => isOwn() && Boolean(ticket.value.paused_at),
  transfer: mayMove,
  assign: mayMove,
  merge: () => isOpenTicket() && mayWrite.value,
  reopen: () => mayWrite.value && ticket.value?.status === "resolved" && !ticket.value.merged_into,
  return: isOwn,
  step: () => isOwn() && !ticket.value.bot_task,
  cancel: () => isOwn() && Boolean(ticket.value.bot_task),
};

export const ask = (name) => {
  const needed = STEPS.includes(name) ? "step" : name;
  if (name === "history" ? ticket.value : can[needed]()) asked.value = name;
};

/** Do it; gives whether it worked. What the API answers is shown at once, the lists follow. */
export async function act(path, body, done) {
  const number = currentNumber.value;
  try {
    showTicket(await post(`${pathOf(number)}/${path}`, body));
  } catch (problem) {
    tellProblem(problem);
    refreshOne(number).catch(() => {});
    return false;
  }
  if (done) tell(t(done));
  refreshOne(number).catch(() => {});
  return true;
}

export const toggleWaiting = () => {
  if (can.wait()) return act("wait", {}, "moves.waits");
  return can.continue() ? act("continue", {}) : undefined;
};

export const cancelStep = () => can.cancel() && act("bot-task/cancel", {});

/** Merge the open ticket into another one, and go there. */
export async function merge(into) {
  const number = currentNumber.value;
  try {
    await post(`${pathOf(number)}/merge`, { into });
  } catch (problem) {
    tellProblem(problem);
    return false;
  }
  tell(t("moves.merged", { into }));
  await open(into);
  refreshOne(number).catch(() => {});
  refreshOne(into).catch(() => {});
  return true;
}
