// What the page knows. Every module reads it and changes it here, so that none needs to know the others.

import { signal } from "/static/vendor/preact.js";
import { change } from "./messages.js";

export const status = signal("connecting"); // connecting, online, offline
export const items = signal([]);
export const typing = signal(null); // null, "bot", "agent"
export const isLoaded = signal(false);
// Counts the times the conversation came back after (re)connecting: what waits may leave now.
export const ready = signal(0);
// The key of a sentence shown above the conversation, or null.
export const notice = signal(null);
export const session = signal(null);
// Counts the sessions that ended on this page: what belonged to them is nobody's to read.
export const ended = signal(0);
// Whether the newest message is in view: only then it counts as read.
export const isAtEnd = signal(true);

/** Whether two ids name one session: the part before the dot is the session, what follows is renewed now and then. */
export const isSame = (one, other) => one?.split(".")[0] === other?.split(".")[0];

export const newId = () =>
  crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

/** Change one of the customer's own messages. */
export function settle(id, changes) {
  items.value = change(items.value, id, changes);
}
