// The lists of tickets: read whole now and then, and row by row when news come in.
import { computed, signal } from "/static/vendor/preact.js";
import { get } from "/static/console/api.js";
import { asQuery, lets } from "/static/console/filters.js";
import { me } from "/static/console/session.js";

const PAGE = 100;
const AT_ONCE = 40;
const QUERIES = {
  queue: "status=queued",
  mine: "assignee=me&status=assigned&status=waiting",
  resolved: "status=resolved&order=newest",
  // What rings at this agent, whatever the lists are narrowed to.
  ringing: "status=queued&offered_to=me",
};
const isOpenMine = (row) => row.agent?.id === me.value?.id && ["assigned", "waiting"].includes(row.status);
const BELONGS = {
  queue: (row) => row.status === "queued",
  mine: isOpenMine,
  resolved: (row) => row.status === "resolved",
  ringing: (row) => row.status === "queued" && row.offered_to === me.value?.id,
};

export const tab = signal("queue");
/** `{queue: {items, next}}`; a list is missing until it was loaded. */
export const lists = signal({});

/** The rows that the list shows. */
export const rows = computed(() => lists.value[tab.value]?.items ?? []);
export const waiting = computed(() => lists.value.queue?.items.length ?? 0);
export const unread = computed(() => lists.value.mine?.items.reduce((sum, row) => sum + row.unread, 0) ?? 0);

const inQueue = (a, b) => a.priority - b.priority || Date.parse(a.opened_at) - Date.parse(b.opened_at) || (a.number < b.number ? -1 : 1);
const newestFirst = (a, b) => Date.parse(b.resolved_at) - Date.parse(a.resolved_at);
const order = (name) => (name === "resolved" ? newestFirst : inQueue);

function addressOf(name, more) {
  const narrowed = name === "ringing" ? "" : asQuery();
  return `/tickets?${[QUERIES[name], narrowed, more].filter(Boolean).join("&")}`;
}

/** Rows that did not change stay the same objects, so that they are not drawn again. */
function keepSame(before, items) {
  const known = new Map(before.map((row) => [row.number, row]));
  return items.map((row) => {
    const old = known.get(row.number);
    return old && JSON.stringify(old) === JSON.stringify(row) ? old : row;
  });
}

const isSame = (a, b) => a.length === b.length && a.every((row, index) => row === b[index]);

/** Up to which message the page has read each ticket: an answer from just before counts some of them as unread still. */
const readTo = new Map();
const asRead = (row) => (row.unread && isOpenMine(row) && row.newest_unread <= (readTo.get(row.number) ?? 0) ? { ...row, unread: 0 } : row);

function show(name, items, next) {
  const before = lists.value[name];
  const kept = keepSame(before?.items ?? [], items.map(asRead));
  if (before && before.next === next && isSame(before.items, kept)) return;
  lists.value = { ...lists.value, [name]: { items: kept, next } };
}

// Readings go one after the other: an older answer can never replace a newer one.
let line = Promise.resolve();
function inLine(task) {
  const done = line.then(task);
  line = done.catch(() => {});
  return done;
}

async function readList(name) {
  const shown = lists.value[name]?.items.length ?? 0;
  const narrowed = asQuery();
  const page = await get(addressOf(name, `limit=${Math.min(200, Math.max(PAGE, shown))}`));
  if (narrowed !== asQuery()) return; // the next reading is on its way
  show(name, name === "resolved" ? page.items.sort(newestFirst) : page.items, page.next);
}

export function loadLists() {
  return inLine(async () => {
    const wanted = ["queue", "mine", "ringing", ...(tab.value === "resolved" || !lists.value.resolved ? ["resolved"] : [])];
    await Promise.all(wanted.map(readList));
  });
}

export function loadMore(name) {
  return inLine(async () => {
    const { items, next } = lists.value[name];
    const page = await get(addressOf(name, `limit=${PAGE}&cursor=${encodeURIComponent(next)}`));
    show(name, [...items, ...page.items], page.next);
  });
}

/** Beyond the last row that was read nothing is known: a row from there waits until more is asked for. */
function fits(name, row, list) {
  return !list.next || order(name)(row, list.items.at(-1)) < 0;
}

function place(name, fresh) {
  const list = lists.value[name];
  if (!list) return;
  const numbers = new Set(fresh.map((row) => row.number));
  const coming = fresh.filter((row) => BELONGS[name](row) && (name === "ringing" || lets(row)) && fits(name, row, list));
  const items = [...list.items.filter((row) => !numbers.has(row.number)), ...coming].sort(order(name));
  show(name, items, list.next);
}

/** Read these tickets again, and put each where it belongs now. */
export function loadChanged(numbers) {
  if (numbers.length > AT_ONCE || lets({}) === null) return loadLists();
  return inLine(async () => {
    const query = numbers.map((number) => `number=${encodeURIComponent(number)}`).join("&");
    const page = await get(`/tickets?${query}&limit=${AT_ONCE}`);
    for (const name of Object.keys(QUERIES)) place(name, page.items);
  });
}

/** The numbers of the listed open tickets of this conversation. */
export function numbersOf(conversation) {
  const listed = Object.values(lists.value).flatMap((list) => list.items);
  return listed.filter((row) => row.conversation_id === conversation && row.status !== "resolved").map((row) => row.number);
}

/** The conversations of the open tickets that are listed. */
export const followed = computed(() => {
  const open = [...(lists.value.mine?.items ?? []), ...(lists.value.queue?.items ?? [])];
  return JSON.stringify([...new Set(open.map((row) => row.conversation_id))].sort((a, b) => a - b));
});

/** The transcript was fetched up to the entry `last`: of the agent's own ticket the server counts that as read. */
export function markRead(number, last) {
  readTo.set(number, last);
  const { mine } = lists.value;
  if (mine) show("mine", mine.items, mine.next);
}
