// The text being written: putting words where the cursor is, and the variables that are still to be filled.
import { signal } from "/static/vendor/preact.js";

/** The composer's tool that is open: `canned`, `knowledge` or null. */
export const tool = signal(null);
/** The answers come in the customer's language; the script of Chinese is settled on the way out. */
export const spoken = (ticket) => (ticket.language === "en" ? "en" : "zh");
export const percent = (part) => `${Math.round(part * 100)}%`;

const VARIABLE = /\{(surname|agent|ticket|claim|policy)\}/g;

/** The variables of canned replies that nobody has filled in yet, each once. */
export const unfilled = (text) => [...new Set([...text.matchAll(VARIABLE)].map((found) => found[1]))];

const area = () => document.getElementById("compose");

/** The composer tells of its text by this event, as if it had been typed; so drafts and counters follow. */
function write(text, from, to) {
  const element = area();
  element.focus();
  element.setRangeText(text, from, to, "end");
  element.dispatchEvent(new Event("input", { bubbles: true }));
}

// What opens the canned replies; Chinese input methods write another sign with that key.
const SLASHES = new Set(["/", "、", "／"]);
export const isSlash = (text) => SLASHES.has(text);

/** Put `words` where the cursor is; a lone slash gives way, other words stay apart by a line. */
export function insert(words) {
  const element = area();
  if (!element) return;
  if (isSlash(element.value)) return write(words, 0, element.value.length);
  const { selectionStart: from, selectionEnd: to, value } = element;
  const before = value.slice(0, from);
  const gap = before.trim() && !before.endsWith("\n") ? "\n" : "";
  write(gap + words, from, to);
}

/** Select the next `{name}` that is to be filled. */
export function selectVariable(name) {
  const element = area();
  const at = element.value.indexOf(`{${name}}`);
  element.focus();
  if (at >= 0) element.setSelectionRange(at, at + name.length + 2);
}

const SOURCE = { zh: (title) => `（来源：《${title}》）`, en: (title) => `(Source: “${title}”)` };

/** A passage with the article it is from, in the customer's language. */
export const quoted = (passage, title, language) => `${passage.trim()}\n${SOURCE[language](title)}`;
