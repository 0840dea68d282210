// The open ticket and what was said in it, as signals; every change comes from the API through the functions here.
import { batch, computed, signal } from "/static/vendor/preact.js";
import { get, post } from "/static/console/api.js";
import { loadChanged, loadLists, markRead, rows, tab } from "/static/console/lists.js";
import { me } from "/static/console/session.js";
import { tellProblem } from "/static/console/toasts.js";

export { lists, loadLists, loadMore, rows, tab } from "/static/console/lists.js";
export { hadSession, may, mayWrite, me, signIn, signOut, whoAmI } from "/static/console/session.js";

export const currentNumber = signal(null);
/** The open ticket with notes and events; null while it loads. */
export const ticket = signal(null);
/** Entries of conversations by ticket number. */
export const transcripts = signal({});
export const refreshedAt = { value: 0 };

export const isMine = computed(() => ticket.value?.agent?.id === me.value?.id);
export const entries = computed(() => transcripts.value[currentNumber.value]);

export const pathOf = (number) => `/tickets/${encodeURIComponent(number)}`;

/** Answers may overtake each other: one that was asked for before what is shown already must not replace it. */
let asked = 0;
let shown = 0;
const isNews = (turn) => turn > shown && Boolean((shown = turn));

/** Show this answer of the API about the open ticket. */
export function showTicket(answer) {
  if (currentNumber.value === answer.number && isNews(++asked)) ticket.value = answer;
}

export async function loadTicket(number) {
  const turn = ++asked;
  const loaded = await get(pathOf(number));
  if (currentNumber.value !== number || !isNews(turn)) return;
  if (JSON.stringify(ticket.value) !== JSON.stringify(loaded)) ticket.value = loaded;
}

const MOVING = new Set(["queued", "sending", "sent", "in_doubt"]);
const RECENT = 40;

/** From where to read again: behind the last entry, or before recent messages whose delivery may have moved. */
function readFrom(known) {
  const moving = known.slice(-RECENT).find((entry) => MOVING.has(entry.delivery));
  return moving ? moving.id - 1 : (known.at(-1)?.id ?? 0);
}

/** What was known with what came; an entry that did not change stays the same object and is not drawn again. */
function merged(known, items) {
  const all = new Map(known.map((entry) => [entry.id, entry]));
  let isChanged = false;
  for (const entry of items) {
    if (JSON.stringify(all.get(entry.id)) === JSON.stringify(entry)) continue;
    all.set(entry.id, entry);
    isChanged = true;
  }
  return isChanged ? [...all.values()].sort((a, b) => a.id - b.id) : known;
}

const reading = new Map();

async function readOn(number) {
  let after = readFrom(transcripts.value[number] ?? []);
  do {
    const page = await get(`${pathOf(number)}/transcript?after=${after}`);
    const known = transcripts.value[number];
    const all = merged(known ?? [], page.items);
    if (all !== known) transcripts.value = { ...transcripts.value, [number]: all };
    after = page.next;
  } while (after !== null && currentNumber.value === number);
  markRead(number, transcripts.value[number]?.at(-1)?.id ?? 0);
}

/** Read what is new; who asks while it is being read waits for one more reading, which they share. */
export function loadTranscript(number) {
  const line = reading.get(number) ?? { running: null, next: null };
  reading.set(number, line);
  const begin = () => {
    line.next = null;
    line.running = readOn(number).finally(() => (line.running = null));
    return line.running;
  };
  if (!line.running) return begin();
  line.next ??= line.running.catch(() => {}).then(begin);
  return line.next;
}

export async function open(number) {
  if (currentNumber.value === number) return;
  batch(() => {
    currentNumber.value = number;
    ticket.value = null;
  });
  if (number === null) return;
  try {
    await Promise.all([loadTicket(number), loadTranscript(number)]);
  } catch (problem) {
    tellProblem(problem);
    if (currentNumber.value === number && problem.status === 404) currentNumber.value = null;
  }
}

/** Read again what is on the page; raises the first failure. */
export async function refresh() {
  const number = currentNumber.value;
  await Promise.all([loadLists(), ...(number ? [loadTicket(number), loadTranscript(number)] : [])]);
  refreshedAt.value = Date.now();
}

/** Read again what belongs to one ticket. */
export async function refreshOne(number) {
  const isOpen = currentNumber.value === number;
  await Promise.all([loadChanged([number]), ...(isOpen ? [loadTicket(number), loadTranscript(number)] : [])]);
}

/** Take the ticket, and show it among one's own. */
export async function accept(number) {
  try {
    await post(`${pathOf(number)}/accept`);
    tab.value = "mine";
    await refreshOne(number);
  } catch (problem) {
    tellProblem(problem);
    await refresh().catch(() => {});
  }
}

/** Resolve; gives whether it worked. */
export async function resolve(number, outcome, note) {
  try {
    await post(`${pathOf(number)}/resolve`, { outcome, note: note.trim() || null });
    await refreshOne(number);
    return true;
  } catch (problem) {
    tellProblem(problem);
    return false;
  }
}

export async function addNote(number, text) {
  showTicket(await post(`${pathOf(number)}/notes`, { text }));
}

/** The neighbour of the open ticket in the list, `step` rows away. */
export function move(step) {
  const numbers = rows.value.map((row) => row.number);
  if (!numbers.length) return;
  const at = numbers.indexOf(currentNumber.value);
  open(numbers[at < 0 ? 0 : Math.min(numbers.length - 1, Math.max(0, at + step))]);
}
