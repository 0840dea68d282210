// The keyboard, and what it opens and closes.
import { signal } from "/static/vendor/preact.js";
import { writesNote } from "/static/console/composer.js";
import { tool } from "/static/console/insert.js";
import { ask, toggleWaiting } from "/static/console/moves.js";
import { isDesk } from "/static/console/sections.js";
import { startResolving } from "/static/console/resolve.js";
import { takeRinging } from "/static/console/ringing.js";
import { accept, isMine, mayWrite, me, move, ticket } from "/static/console/store.js";
import { suggest } from "/static/console/suggestion.js";
import { showTab } from "/static/console/tickets.js";

export const showsHelp = signal(false);
/** Whether the customer's column is shown; on a tablet it lies over the conversation. */
export const panel = signal(matchMedia("(min-width: 1181px)").matches);

function write(isNote) {
  writesNote.value = isNote;
  // At once, not in the next frame: the keys that a quick typist strikes meanwhile are words, not shortcuts.
  document.getElementById("compose")?.focus();
}

function openTool(name) {
  if (!isMine.value || ticket.value?.status === "resolved") return;
  write(false);
  tool.value = name;
}

const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  a: () => ticket.value?.status === "queued" && mayWrite.value && accept(ticket.value.number),
  r: () => isMine.value && write(false),
  n: () => write(true),
  e: startResolving,
  g: () => takeRinging(),
  w: toggleWaiting,
  t: () => ask("transfer"),
  o: () => ask("assign"),
  v: () => ask("verify_identity"),
  d: () => ask("collect_documents"),
  b: () => ask("return"),
  h: () => ask("history"),
  q: () => openTool("canned"),
  f: () => openTool("knowledge"),
  s: suggest,
  u: () => document.getElementById("attach")?.click(),
  m: () => document.getElementById("more")?.click(),
  "/": () => document.getElementById("search")?.focus(),
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
  if (event.target.closest?.('[role="menu"]')) return;
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
