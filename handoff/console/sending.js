// Replies on their way: shown at once, repeated under the same key until the server has them, kept over a reload.
import { signal } from "/static/vendor/preact.js";
import { newKey, post } from "/static/console/api.js";
import { entries, loadTranscript, me } from "/static/console/store.js";
import { tellProblem } from "/static/console/toasts.js";

const STORED = "anda.console.unsent";
const PAUSES = [1000, 3000, 8000];

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? "[]");
  } catch {
    return [];
  }
}

/** `{number, key, text, at, behind, state}`: `behind` is the last entry before it; state `sending`, `taken` (the transcript will show it) or `failed`. */
export const unsent = signal(stored().map((message) => ({ ...message, state: "failed" })));
unsent.subscribe((messages) => {
  const kept = messages.filter((message) => message.state !== "taken");
  if (kept.length) sessionStorage.setItem(STORED, JSON.stringify(kept));
  else sessionStorage.removeItem(STORED);
});

const lines = new Map();
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function change(key, values) {
  unsent.value = unsent.value.map((message) => (message.key === key ? { ...message, ...values } : message));
}

export function discard(key) {
  unsent.value = unsent.value.filter((message) => message.key !== key);
}

async function deliver(message) {
  for (let attempt = 0; ; attempt++) {
    try {
      const path = `/tickets/${encodeURIComponent(message.number)}/reply`;
      await post(path, { text: message.text, key: message.key });
      break;
    } catch (problem) {
      if (problem.isPassing && attempt < PAUSES.length) {
        await pause(PAUSES[attempt]);
        continue;
      }
      change(message.key, { state: "failed" });
      tellProblem(problem);
      return;
    }
  }
  change(message.key, { state: "taken" });
  await loadTranscript(message.number).catch(() => {});
  discard(message.key);
}

function enqueue(message) {
  // One line a ticket: what was written first arrives first.
  const before = lines.get(message.number) ?? Promise.resolve();
  lines.set(message.number, before.then(() => deliver(message)));
}

export function send(number, text) {
  const behind = entries.value?.at(-1)?.id ?? 0;
  const message = { number, key: newKey(), text, at: new Date().toISOString(), behind, state: "sending" };
  unsent.value = [...unsent.value, message];
  enqueue(message);
}

export function sendAgain(key) {
  change(key, { state: "sending" });
  enqueue(unsent.value.find((message) => message.key === key));
}

/** The unsent replies of a ticket that its transcript does not show yet: the server may have one whose answer got lost. */
export function stillLeaving(number, said) {
  const shown = new Set();
  return unsent.value.filter((message) => {
    if (message.number !== number) return false;
    const arrived = said.find(
      (entry) => entry.id > message.behind && !shown.has(entry.id) && entry.agent?.id === me.value?.id && entry.text === message.text,
    );
    if (arrived) shown.add(arrived.id);
    return !arrived;
  });
}
