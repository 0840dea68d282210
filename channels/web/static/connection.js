// The socket: session, history, what the server says, and what we tell it was received and seen.

import { effect } from "/static/vendor/preact.js";
import { io } from "/static/vendor/socket.io.js";
import { add, markRead, merge } from "./messages.js";
import { ended, isAtEnd, isLoaded, isSame, items, notice, ready, session, status, typing } from "./state.js";
import { keep, kept } from "./storage.js";

const SESSION = "anda.session";
const TYPING_FOR = 25_000;
const REPEAT_ASKING = 5000;

const socket = io({ path: "/socket.io", reconnectionDelayMax: 5000, timeout: 10_000 });
const unseen = new Set();
let typingTimer;
let announcedAt = 0;
let uttered = 0;

/** Ask the server; an answer that does not come in time is `{ok: false, error: "unreachable"}`. */
export async function ask(event, data = {}) {
  try {
    return await socket.timeout(12_000).emitWithAck(event, data);
  } catch {
    return { ok: false, error: "unreachable" };
  }
}

export async function requestSession() {
  const answer = await ask("session_request", { session_id: kept(SESSION), client: "anda" });
  if (answer.error === "too_many") notice.value = "crowded";
  // Too many from this address: again in a while, if the connection still stands.
  if (!answer.ok && socket.connected) setTimeout(requestSession, REPEAT_ASKING);
}

export async function loadHistory() {
  const [asked, before] = [session.value, uttered];
  const answer = await ask("history");
  if (!answer.ok || asked !== session.value) return;
  items.value = merge(items.value, answer.items);
  isLoaded.value = true;
  if (answer.is_answering && before === uttered) showTyping("bot");
  receive(answer.items.filter((item) => item.direction === "out" && ["sending", "sent", "delivered"].includes(item.state)));
}

function receive(messages) {
  for (const message of messages) unseen.add(message.message_id);
  acknowledge();
}

// Seen means: in view, on a page that has the customer's attention.
function acknowledge() {
  if (!unseen.size || status.value !== "online") return;
  const seen = document.visibilityState === "visible" && document.hasFocus() && isAtEnd.value;
  socket.emit("received", { ids: [...unseen].slice(-200), seen });
  if (seen) unseen.clear();
  tellFrame("unread", { count: unseen.size });
}

/** Tell the embedding page; the number of unread messages is all that it ever learns. */
export function tellFrame(type, details = {}) {
  if (window.parent !== window) window.parent.postMessage({ type: `anda:${type}`, ...details }, "*");
}

function showTyping(speaker) {
  clearTimeout(typingTimer);
  typing.value = speaker;
  typingTimer = setTimeout(stopTyping, TYPING_FOR);
}

function stopTyping() {
  clearTimeout(typingTimer);
  typing.value = null;
}

export function announceTyping() {
  if (Date.now() - announcedAt < 3000 || status.value !== "online") return;
  announcedAt = Date.now();
  socket.emit("typing");
}

/** End the session on this computer; gives whether it worked. */
export async function forget() {
  return (await ask("forget")).ok;
}

function empty(reason = null) {
  items.value = [];
  ended.value += 1;
  unseen.clear();
  stopTyping();
  notice.value = reason;
}

socket.on("connect", requestSession);
socket.on("disconnect", () => (status.value = "offline"));
socket.on("connect_error", () => (status.value = status.value === "connecting" ? "connecting" : "offline"));
socket.on("session_confirm", (token) => {
  if (session.value !== null && !isSame(session.value, token)) empty();
  if (notice.value === "crowded") notice.value = null;
  session.value = token;
  keep(SESSION, token);
  status.value = "online";
  loadHistory().then(() => (ready.value += 1));
});
socket.on("bot_uttered", (message) => {
  uttered += 1;
  stopTyping();
  items.value = add(items.value, message);
  receive([message]);
});
socket.on("bot_typing", (who) => showTyping(who?.speaker ?? "bot"));
socket.on("changed", loadHistory);
socket.on("read", ({ seq }) => (items.value = markRead(items.value, seq)));
socket.on("session_expired", () => {
  empty("expired");
  loadHistory();
});
socket.on("session_ended", () => {
  // Another tab ended the session; it keeps the fresh one for us.
  const old = session.value;
  empty();
  session.value = null;
  setTimeout(() => {
    if (isSame(kept(SESSION), old)) keep(SESSION, null);
    requestSession();
  }, 500);
});
addEventListener("focus", acknowledge);
document.addEventListener("visibilitychange", acknowledge);
effect(() => isAtEnd.value && acknowledge());
