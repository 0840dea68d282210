// The keyboard, and what it opens and closes.
import { signal } from "/static/vendor/preact.js";
import { writesNote } from "/static/console/composer.js";
import { isDesk } from "/static/console/sections.js";
import { startResolving } from "/static/console/resolve.js";
import { accept, isMine, mayWrite, me, move, ticket } from "/static/console/store.js";
import { showTab } from "/static/console/tickets.js";

export const showsHelp = signal(false);
/** Whether the customer's column is shown; on a tablet it lies over the conversation. */
export const panel = signal(matchMedia("(min-width: 1181px)").matches);

function write(isNote) {
  writesNote.value = isNote;
  requestAnimationFrame(() => document.getElementById("compose")?.focus());
}

const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  a: () => ticket.value?.status === "queued" && mayWrite.value && accept(ticket.value.number),
  r: () => isMine.value && write(false),
  n: () => write(true),
  e: startResolving,
  c: () => (panel.value = !panel.value),
  1: () => showTab("queue"),
  2: () => showTab("mine"),
  3: () => showTab("resolved"),
  "?": () => (showsHelp.value = true),
};

function isWriting(element) {
  return element?.matches?.("input, textarea, select, [contenteditable]");
}

function onKey(event) {
  if (!me.value || !isDesk.value || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    if (isWriting(document.activeElement)) document.activeElement.blur();
    else if (matchMedia("(max-width: 1180px)").matches) panel.value = false;
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isWriting(event.target)) return;
  const action = ACTIONS[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
}

export function listen() {
  document.addEventListener("keydown", onKey);
}
