// What the customer says: nothing is given up before the server acknowledged it.

import { effect } from "/static/vendor/preact.js";
import { ask, loadHistory, requestSession } from "./connection.js";
import { language } from "./language.js";
import { add } from "./messages.js";
import { isSame, items, newId, ready, session, settle, status } from "./state.js";
import { keep, kept, tab } from "./storage.js";

const UNSENT = "anda.unsent";
const LARGEST = 1_000_000;
const FINAL = ["invalid", "too_large"];

let queue = JSON.parse(kept(UNSENT, tab) ?? "[]");
let isSending = false;

for (const entry of queue) items.value = add(items.value, shown(entry));

function shown(entry) {
  return { message_id: entry.id, direction: "in", text: entry.title ?? entry.text, at: entry.at, type: "text", state: "sending" };
}

function setQueue(entries) {
  queue = entries;
  keep(UNSENT, queue.length ? JSON.stringify(queue) : null, tab);
}

/** Say a text, or a button's payload with the title that the customer read. */
export function say(text, title) {
  const entry = { id: newId(), text, title, at: new Date().toISOString(), tries: 0, of: session.value };
  items.value = add(items.value, shown(entry));
  if (new TextEncoder().encode(text).length > LARGEST) return settle(entry.id, { state: "failed", reason: "too_large" });
  setQueue([...queue, entry]);
  pump();
}

export function retry(id) {
  const entry = queue.find((waiting) => waiting.id === id);
  if (entry) entry.tries = 0;
  pump();
}

// One at a time, so that what was written first is stored first.
async function pump() {
  if (isSending || !queue.length || status.value !== "online") return;
  isSending = true;
  const entry = queue[0];
  settle(entry.id, { state: "sending", reason: null });
  const custom = { message_id: entry.id, language: language.value };
  const answer = await ask("user_uttered", { message: entry.text, session_id: session.value, customData: custom });
  isSending = false;
  if (answer.ok || FINAL.includes(answer.error)) {
    setQueue(queue.filter((waiting) => waiting.id !== entry.id));
    settle(entry.id, answer.ok ? { state: "sent", reason: null, seq: answer.seq } : { state: "failed", reason: answer.error });
    // Identity, card and code numbers were encrypted at the door: they leave the screen, too.
    if (answer.ok && /\d{3}[ -]?\d{3}/.test(entry.text)) loadHistory();
    return pump();
  }
  again(entry, answer);
}

function again(entry, answer) {
  entry.tries += 1;
  const reason = { too_many: "busy", unavailable: "unavailable" }[answer.error] ?? null;
  settle(entry.id, { state: entry.tries > 3 ? "failed" : "waiting", reason, canRetry: true });
  if (answer.error === "no_session") requestSession();
  setTimeout(pump, answer.retry_after ? answer.retry_after * 1000 : Math.min(15_000, 1000 * 2 ** entry.tries));
}

effect(() => ready.value && queueMicrotask(pump));
// Another session began: what was meant for the one before is not said in it.
effect(() => {
  const now = session.value;
  if (now) setQueue(queue.filter((entry) => !entry.of || isSame(entry.of, now)));
});
