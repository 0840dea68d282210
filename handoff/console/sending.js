// Replies on their way: shown at once, repeated under the same key until the server has them, kept over a reload.
import { signal } from "/static/vendor/preact.js";
import { newKey, post, upload } from "/static/console/api.js";
import { entries, loadTranscript, me } from "/static/console/store.js";
import { has, t } from "/static/console/texts.js";
import { tell, tellProblem } from "/static/console/toasts.js";

const STORED = "anda.console.unsent";
const PAUSES = [1000, 3000, 8000];

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? "[]");
  } catch {
    return [];
  }
}

/**
 * `{number, key, text, at, behind, state}`: `behind` is the last entry before it; state `sending`, `taken` (the transcript will show it) or `failed`.
 * A file has `file`, `name`, `preview` and `progress` too, and once it is taken its `outbound` number.
 */
export const unsent = signal(stored().map((message) => ({ ...message, state: "failed" })));
unsent.subscribe((messages) => {
  // A file cannot be kept over a reload; the browser asks before one (below).
  const kept = messages.filter((message) => message.state !== "taken" && !message.file);
  if (kept.length) sessionStorage.setItem(STORED, JSON.stringify(kept));
  else sessionStorage.removeItem(STORED);
});

const lines = new Map();
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function change(key, values) {
  unsent.value = unsent.value.map((message) => (message.key === key ? { ...message, ...values } : message));
}

export function discard(key) {
  URL.revokeObjectURL(unsent.value.find((message) => message.key === key)?.preview ?? "");
  unsent.value = unsent.value.filter((message) => message.key !== key);
}

addEventListener("beforeunload", (event) => unsent.value.some((message) => message.file && message.state !== "taken") && event.preventDefault());

async function hand(message) {
  const path = `/tickets/${encodeURIComponent(message.number)}`;
  if (!message.file) return post(`${path}/reply`, { text: message.text, key: message.key });
  const form = new FormData();
  form.append("file", message.file, message.name);
  const taken = await upload(`${path}/files`, form, { key: message.key, onProgress: (progress) => change(message.key, { progress }) });
  change(message.key, { outbound: taken.outbound_id });
  return taken;
}

/** Why a file was not taken, in words about files. */
function tellRefusal(message, problem) {
  const key = { unsupported_file: "files.unsupported", too_large: "files.too_large" }[problem.code];
  if (message.file && key && has(key)) tell(t(key, { name: message.name }), "bad");
  else tellProblem(problem);
}

async function deliver(message) {
  for (let attempt = 0; ; attempt++) {
    try {
      await hand(message);
      break;
    } catch (problem) {
      if (problem.isPassing && attempt < PAUSES.length) {
        await pause(PAUSES[attempt]);
        continue;
      }
      change(message.key, { state: "failed" });
      tellRefusal(message, problem);
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

export function send(number, text, more = {}) {
  const behind = entries.value?.at(-1)?.id ?? 0;
  const message = { number, key: newKey(), text, at: new Date().toISOString(), behind, state: "sending", ...more };
  unsent.value = [...unsent.value, message];
  enqueue(message);
}

export const sendFile = (number, { file, preview }) => send(number, "", { file, name: file.name, preview, progress: 0 });

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
      (entry) =>
        entry.id > message.behind &&
        !shown.has(entry.id) &&
        entry.agent?.id === me.value?.id &&
        (message.file ? entry.outbound_id === message.outbound : entry.text === message.text && !entry.details?.media),
    );
    if (arrived) shown.add(arrived.id);
    return !arrived;
  });
}
