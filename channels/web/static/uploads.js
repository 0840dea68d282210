// Files on their way: one after the other, with progress, cancel and retry; the same id again is stored once.

import { effect, signal, untracked } from "/static/vendor/preact.js";
import { loadHistory, requestSession } from "./connection.js";
import { MOST_AT_ONCE, fit, isPicture, typeOf } from "./files.js";
import { language } from "./language.js";
import { add, without } from "./messages.js";
import { isSame, items, newId, notice, ready, session, settle, status } from "./state.js";

const ADDRESS = "/channels/web/uploads";
const REASONS = { 401: "file_session", 413: "file_too_big", 415: "file_unsupported" };
const TRIES = 4;

/** How much of which file left: {id: 0…1}. */
export const progress = signal({});
/** Read aloud: what became of the last file. */
export const told = signal(null);

let waiting = []; // {id, file, tries, of: the session}
const kept = new Map(); // failed, may be tried again
let current = null;
let pausedUntil = 0;

/** Take files that were chosen, dropped or pasted. */
export async function attach(files) {
  const chosen = [...files];
  notice.value = chosen.length > MOST_AT_ONCE ? "file_too_many" : null;
  for (const original of chosen.slice(0, MOST_AT_ONCE)) {
    const id = newId();
    items.value = add(items.value, shown(id, original));
    const of = session.value;
    const { file, reason } = await fit(original);
    // Meanwhile it may have been cancelled, or the session ended: then it is nobody's any more.
    if (!items.value.some((item) => item.message_id === id) || (of && !isSame(of, session.value))) continue;
    if (reason) fail(id, original.name, reason, false);
    else waiting.push({ id, file, tries: 0, of: session.value });
    next();
  }
}

function shown(id, file) {
  const type = typeOf(file);
  const name = file.name || "";
  return {
    message_id: id, direction: "in", text: "", type: isPicture(type) ? "image" : "file", at: new Date().toISOString(), state: "queued",
    media: [{ name, content_type: type, size: file.size }], preview: isPicture(type) ? URL.createObjectURL(file) : null,
  };
}

function fail(id, name, reason, canRetry) {
  settle(id, { state: "failed", reason, canRetry });
  told.value = { key: reason, name };
}

function next() {
  if (current || !waiting.length || status.value !== "online" || Date.now() < pausedUntil) return;
  current = waiting.shift();
  send(current);
}

function send(entry) {
  const { id, file } = entry;
  const form = new FormData();
  form.append("message_id", id);
  form.append("language", language.value);
  form.append("file", file, file.name || "picture.png");
  const request = new XMLHttpRequest();
  entry.request = request;
  request.upload.onprogress = (event) => event.lengthComputable && mark(id, event.loaded / event.total);
  request.onload = () => answered(entry, request);
  request.onerror = request.ontimeout = () => again(entry, 1000 * 2 ** entry.tries, null);
  request.open("POST", ADDRESS);
  request.setRequestHeader("X-Anda-Session", session.value);
  request.responseType = "json";
  request.timeout = 300_000;
  settle(id, { state: "uploading", reason: null });
  mark(id, 0);
  request.send(form);
}

function mark(id, part) {
  progress.value = { ...progress.value, [id]: part };
}

function answered(entry, request) {
  if (request.status === 200 || request.status === 201) {
    done(entry);
    settle(entry.id, { state: "sent", reason: null, media: [request.response] });
    told.value = { key: "file_sent", name: entry.file.name };
    loadHistory();
  } else if (request.status === 429) {
    again(entry, (request.response?.retry_after ?? 10) * 1000, "file_busy");
  } else if (request.status in REASONS) {
    done(entry);
    if (request.status === 401) requestSession();
    if (request.status === 401) kept.set(entry.id, entry);
    fail(entry.id, entry.file.name, REASONS[request.status], request.status === 401);
  } else {
    again(entry, 1000 * (request.response?.retry_after ?? 2 ** entry.tries), "file_unavailable");
  }
}

// Not taken for now: again by itself, but not for ever.
function again(entry, wait, reason) {
  current = null;
  entry.tries += reason === "file_busy" ? 0.5 : 1;
  if (entry.tries >= TRIES) {
    kept.set(entry.id, entry);
    fail(entry.id, entry.file.name, reason ?? "file_network", true);
    return next();
  }
  mark(entry.id, 0);
  settle(entry.id, { state: "waiting", reason });
  waiting.unshift(entry);
  pausedUntil = Date.now() + wait;
  setTimeout(next, wait + 10);
}

function done(entry) {
  current = null;
  const { [entry.id]: _, ...others } = progress.value;
  progress.value = others;
  queueMicrotask(next);
}

/** Give a file up, or take a refused one off the screen. */
export function cancel(id) {
  if (current?.id === id) {
    current.request.abort();
    done(current);
  }
  const at = waiting.findIndex((entry) => entry.id === id);
  if (at >= 0) waiting.splice(at, 1);
  kept.delete(id);
  const gone = items.value.find((item) => item.message_id === id);
  if (gone?.preview) URL.revokeObjectURL(gone.preview);
  items.value = without(items.value, id);
  told.value = { key: "file_removed", name: gone?.media?.[0]?.name ?? "" };
  next();
}

export function retryFile(id) {
  const entry = kept.get(id);
  if (!entry) return;
  kept.delete(id);
  entry.tries = 0;
  waiting.push(entry);
  settle(id, { state: "queued", reason: null });
  next();
}

function dropOthers(now) {
  const isOther = (entry) => entry.of && !isSame(entry.of, now);
  if (current && isOther(current)) {
    current.request.abort();
    done(current);
  }
  waiting = waiting.filter((entry) => !isOther(entry));
  for (const entry of [...kept.values()]) if (isOther(entry)) kept.delete(entry.id);
}

effect(() => ready.value && queueMicrotask(next));
// Another session began: what was meant for the one before does not go to it.
effect(() => {
  const now = session.value;
  if (now) untracked(() => dropOthers(now));
});
// Leaving the page would lose what did not leave yet.
addEventListener("beforeunload", (event) => (current || waiting.length) && event.preventDefault());
