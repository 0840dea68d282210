// Live updates: the socket tells that something changed; what, is read through the API. Without it the page polls.
import { computed, effect, signal, untracked } from "/static/vendor/preact.js";
import { io } from "/static/vendor/socket.io.js";
import { followed } from "/static/console/lists.js";
import { conversationMoved, everythingMoved, talkMoved, ticketMoved } from "/static/console/news.js";
import { entries, me, refresh, refreshedAt, ticket } from "/static/console/store.js";

const POLL = 5000;
// Behind a working socket and in a tab that nobody looks at, reading everything is only a safety net.
const SELDOM = 30000;
const STORED = "anda.console.presence";

/** `connecting` at first, then `live`, `polling` (no socket, but the API answers) or `offline`. */
export const connection = signal("connecting");
/** Agents at their desks, `{id, name, state}`. */
export const colleagues = signal([]);
export const presence = signal(localStorage.getItem(STORED) ?? "available");
/** Who types in the open conversation, `{speaker, name}`, or null. */
export const typing = signal(null);

let socket = null;
let stopTyping = null;

async function refreshNow() {
  if (!me.value) return;
  try {
    await refresh();
    if (socket?.connected) connection.value = "live";
    else if (connection.value !== "connecting") connection.value = "polling";
  } catch (problem) {
    if (problem.code === "offline") connection.value = "offline";
  }
}

function poll() {
  const every = document.hidden || connection.value === "live" ? SELDOM : POLL;
  if (Date.now() - refreshedAt.value >= every - 100) refreshNow();
}

function onTicket(notice) {
  if (notice.ticket) ticketMoved(notice.ticket);
  else if (notice.conversation) conversationMoved(notice.conversation);
  else everythingMoved(refreshNow);
}

function onInteraction(notice) {
  if (notice.conversation === watched.value && typing.value?.speaker === "customer") typing.value = null;
  conversationMoved(notice.conversation);
}

function onTyping(notice) {
  if (notice.conversation !== ticket.value?.conversation_id || notice.agent?.id === me.value?.id) return;
  typing.value = { speaker: notice.speaker, name: notice.agent?.name };
  clearTimeout(stopTyping);
  stopTyping = setTimeout(() => (typing.value = null), 4000);
}

const watched = computed(() => ticket.value?.conversation_id ?? null);

/** Listen to the open conversation; what was said between its reading and the listening is read then. */
const watch = () => socket?.emit("watch", { conversation: watched.value }, talkMoved);
const follow = () => socket?.emit("follow", { conversations: JSON.parse(followed.value) });

/** The customer may know that their messages were read: only while the page has the agent's attention. */
function tellSeen() {
  const conversation = ticket.value?.conversation_id;
  if (conversation && entries.value && socket?.connected && !document.hidden && document.hasFocus()) socket.emit("seen", { conversation });
}

function connect() {
  socket = io("/console", { withCredentials: true, reconnectionDelayMax: 5000 });
  socket.on("connect", () => {
    connection.value = "live";
    socket.emit("presence", { state: presence.value });
    watch();
    follow();
    everythingMoved(refreshNow);
  });
  socket.on("disconnect", (reason) => {
    connection.value = "polling";
    colleagues.value = [];
    // The server closes pages whose session ended; the next reading shows the sign-in then.
    if (reason === "io server disconnect") refreshNow();
  });
  socket.on("connect_error", () => {
    connection.value = connection.value === "offline" ? "offline" : "polling";
    // A refusal is not repeated by the library.
    if (!socket.active) setTimeout(() => me.value && socket?.connect(), POLL);
  });
  socket.on("ticket", onTicket);
  socket.on("interaction", onInteraction);
  socket.on("typing", onTyping);
  socket.on("presence", (agents) => (colleagues.value = agents));
}

export function setPresence(state) {
  localStorage.setItem(STORED, state);
  presence.value = state;
  socket?.emit("presence", { state });
}

export function tellTyping() {
  if (ticket.value && socket?.connected) socket.volatile.emit("typing", { conversation: ticket.value.conversation_id });
}

/** Begin with the sign-in, stop when it ends. */
export function start() {
  effect(() => {
    const isSignedIn = Boolean(me.value);
    if (isSignedIn && !socket) {
      connect();
      untracked(refreshNow);
    } else if (!isSignedIn && socket) {
      socket.disconnect();
      socket = null;
    }
  });
  effect(() => {
    void watched.value;
    typing.value = null;
    watch();
  });
  effect(() => {
    void followed.value;
    follow();
  });
  effect(() => {
    void entries.value;
    tellSeen();
  });
  addEventListener("focus", tellSeen);
  setInterval(poll, 1000);
  document.addEventListener("visibilitychange", () => document.hidden || poll());
}
