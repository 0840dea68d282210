// The conversation with the server: nothing the customer writes is given up before it is acknowledged.

import { signal } from "/static/vendor/preact.js";
import { io } from "/static/vendor/socket.io.js";
import { add, change, merge } from "./messages.js";
import { keep, kept, tab } from "./storage.js";

const SESSION = "anda.session";
const UNSENT = "anda.unsent";
const LARGEST = 1_000_000;
const TYPING_FOR = 25_000;

export const status = signal("connecting"); // connecting, online, offline
export const items = signal([]);
export const typing = signal(null); // null, "bot", "agent"
export const isLoaded = signal(false);


const socket = io({ path: "/socket.io", reconnectionDelayMax: 5000, timeout: 10_000 });
let queue = JSON.parse(kept(UNSENT, tab) ?? "[]");
let session = null;
let isSending = false;
let typingTimer;
const unseen = new Set();

for (const entry of queue) items.value = add(items.value, shown(entry));

function shown(entry) {
  return { message_id: entry.id, direction: "in", text: entry.title ?? entry.text, at: entry.at, type: "text", state: "sending" };
}

function keepQueue() {
  keep(UNSENT, queue.length ? JSON.stringify(queue) : null, tab);
}

const newId = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

// What the customer says: a text, or a button's payload with its title.
export function say(text, title) {
  const entry = { id: newId(), text, title, at: new Date().toISOString(), tries: 0 };
  items.value = add(items.value, shown(entry));
  if (new TextEncoder().encode(text).length > LARGEST) return settle(entry, { state: "failed", reason: "too_large" });
  queue.push(entry);
  keepQueue();
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
  items.value = change(items.value, entry.id, { state: "sending", reason: null });
  const answer = await ask("user_uttered", {
    message: entry.text, session_id: session, customData: { message_id: entry.id },
  });
  isSending = false;
  if (answer.ok) {
    queue = queue.filter((waiting) => waiting.id !== entry.id);
    keepQueue();
    items.value = change(items.value, entry.id, { state: "sent", reason: null });
    // Identity, card and code numbers were encrypted at the door: they leave the screen, too.
    if (/\d{3}[ -]?\d{3}/.test(entry.text)) loadHistory();
    return pump();
  }
  if (answer.error === "invalid" || answer.error === "too_large") {
    queue = queue.filter((waiting) => waiting.id !== entry.id);
    keepQueue();
    settle(entry, { state: "failed", reason: answer.error });
    return pump();
  }
  entry.tries += 1;
  const state = entry.tries > 3 ? "failed" : "waiting";
  settle(entry, { state, reason: answer.error === "too_many" ? "busy" : null, canRetry: true });
  if (answer.error === "no_session") requestSession();
  setTimeout(pump, Math.min(15_000, 1000 * 2 ** entry.tries));
}

function settle(entry, changes) {
  items.value = change(items.value, entry.id, changes);
}

async function ask(event, data = {}) {
  try {
    return await socket.timeout(12_000).emitWithAck(event, data);
  } catch {
    return { ok: false, error: "unreachable" };
  }
}

async function requestSession() {
  const answer = await ask("session_request", { session_id: kept(SESSION), client: "anda" });
  // Too many from this address: again in a while, if the connection still stands.
  if (!answer.ok && socket.connected) setTimeout(requestSession, 5000);
}

async function loadHistory() {
  const asked = session;
  const answer = await ask("history");
  if (!answer.ok || asked !== session) return;
  items.value = merge(items.value, answer.items);
  isLoaded.value = true;
  receive(answer.items.filter((item) => item.direction === "out" && ["sending", "sent"].includes(item.state)));
}

function receive(messages) {
  for (const message of messages) unseen.add(message.message_id);
  acknowledge();
}

// Seen means: on a page that has the customer's attention.
function acknowledge() {
  if (!unseen.size || status.value !== "online") return;
  const seen = document.visibilityState === "visible" && document.hasFocus();
  socket.emit("received", { ids: [...unseen].slice(-200), seen });
  tellFrame();
  if (seen) unseen.clear();
}

function tellFrame() {
  // The number of unread messages is all that the embedding site learns.
  if (window.parent !== window) window.parent.postMessage({ type: "anda:unread", count: unseen.size }, "*");
}

function stopTyping() {
  clearTimeout(typingTimer);
  typing.value = null;
}

let announcedAt = 0;
export function announceTyping() {
  if (Date.now() - announcedAt < 3000 || status.value !== "online") return;
  announcedAt = Date.now();
  socket.emit("typing");
}

export async function forget() {
  queue = [];
  keepQueue();
  return (await ask("forget")).ok;
}

socket.on("connect", requestSession);
socket.on("disconnect", () => (status.value = "offline"));
socket.on("connect_error", () => (status.value = status.value === "connecting" ? "connecting" : "offline"));
socket.on("session_confirm", (token) => {
  if (session !== null && session !== token) {
    items.value = queue.map(shown);
    stopTyping();
  }
  session = token;
  keep(SESSION, token);
  status.value = "online";
  loadHistory().then(pump);
});
socket.on("bot_uttered", (message) => {
  stopTyping();
  items.value = add(items.value, message);
  receive([message]);
});
socket.on("bot_typing", (who) => {
  clearTimeout(typingTimer);
  typing.value = who?.speaker ?? "bot";
  typingTimer = setTimeout(stopTyping, TYPING_FOR);
});
socket.on("changed", loadHistory);
socket.on("session_ended", () => {
  // Another tab ended the session; it keeps the fresh one for us.
  queue = [];
  keepQueue();
  items.value = [];
  setTimeout(() => {
    if (kept(SESSION) === session) keep(SESSION, null);
    requestSession();
  }, 500);
});
addEventListener("focus", acknowledge);
document.addEventListener("visibilitychange", acknowledge);
