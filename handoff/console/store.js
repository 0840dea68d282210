// What the page knows, as signals; every change comes from the API through the functions here.
import { batch, computed, signal } from "/static/vendor/preact.js";
import { get, post, whenSignedOut } from "/static/console/api.js";
import { tellProblem } from "/static/console/toasts.js";

const PAGE = 100;
const OWNER = "anda.console.agent";
const LISTS = {
  queue: "status=queued",
  mine: "assignee=me&status=assigned&status=waiting",
  resolved: "status=resolved&order=newest",
};

/** The signed-in agent; undefined until known, null when nobody is. */
export const me = signal(undefined);
export const hadSession = signal(false);
export const tab = signal("queue");
/** `{queue: {items, next}}`; a list is missing until it was loaded. */
export const lists = signal({});
export const filter = signal("");
export const currentNumber = signal(null);
/** The open ticket with notes and events; null while it loads. */
export const ticket = signal(null);
/** Entries of conversations by ticket number. */
export const transcripts = signal({});
export const refreshedAt = { value: 0 };

export const mayWrite = computed(() => me.value?.scopes.includes("tickets:write") ?? false);
export const isMine = computed(() => ticket.value?.agent?.id === me.value?.id);
export const entries = computed(() => transcripts.value[currentNumber.value]);

whenSignedOut(() => {
  hadSession.value = true;
  me.value = null;
});

/** Drafts and unsent replies are the agent's own: another one who signs in here begins afresh. */
function ownThisTab(agent) {
  const owner = sessionStorage.getItem(OWNER);
  if (owner !== null && owner !== String(agent.id)) sessionStorage.clear();
  sessionStorage.setItem(OWNER, agent.id);
  return owner === null || owner === String(agent.id);
}

export async function whoAmI() {
  try {
    const agent = await get("/auth/me");
    ownThisTab(agent);
    me.value = agent;
  } catch (problem) {
    if (problem.status === 401) me.value = null;
    else setTimeout(whoAmI, 3000);
  }
}

export async function signIn(credentials) {
  const agent = await post("/auth/login", credentials);
  if (!ownThisTab(agent)) return location.reload();
  batch(() => {
    hadSession.value = false;
    me.value = agent;
  });
}

export async function signOut() {
  await post("/auth/logout").catch(tellProblem);
  // A fresh page holds nothing of the customers that were shown.
  sessionStorage.clear();
  location.reload();
}

/** Answers may overtake each other: one that was asked for before what is shown already must not replace it. */
function inOrder() {
  let asked = 0;
  let shown = 0;
  return { ask: () => ++asked, isNews: (turn) => turn > shown && Boolean((shown = turn)) };
}

const order = { queue: inOrder(), mine: inOrder(), resolved: inOrder(), ticket: inOrder() };

const newestFirst = (a, b) => Date.parse(b.resolved_at) - Date.parse(a.resolved_at);

async function loadList(name) {
  const known = lists.value[name]?.items.length ?? 0;
  const limit = Math.min(200, Math.max(PAGE, known));
  const turn = order[name].ask();
  const page = await get(`/tickets?${LISTS[name]}&limit=${limit}`);
  if (!order[name].isNews(turn)) return;
  if (name === "resolved") page.items.sort(newestFirst);
  lists.value = { ...lists.value, [name]: page };
}

export async function loadMore(name) {
  const { items, next } = lists.value[name];
  const page = await get(`/tickets?${LISTS[name]}&limit=${PAGE}&cursor=${encodeURIComponent(next)}`);
  lists.value = { ...lists.value, [name]: { items: [...items, ...page.items], next: page.next } };
}

export async function loadLists() {
  const wanted = ["queue", "mine", ...(tab.value === "resolved" || !lists.value.resolved ? ["resolved"] : [])];
  await Promise.all(wanted.map(loadList));
}

/** The rows that the list shows: the tab's, filtered. */
export const rows = computed(() => {
  const items = lists.value[tab.value]?.items ?? [];
  const wanted = filter.value.trim().toLowerCase();
  if (!wanted) return items;
  return items.filter((row) =>
    `${row.number} ${row.customer?.name ?? ""} ${row.summary}`.toLowerCase().includes(wanted),
  );
});

async function loadTicket(number) {
  const turn = order.ticket.ask();
  const loaded = await get(`/tickets/${encodeURIComponent(number)}`);
  if (currentNumber.value === number && order.ticket.isNews(turn)) ticket.value = loaded;
}

const MOVING = new Set(["queued", "sending", "sent", "in_doubt"]);
const RECENT = 40;

/** From where to read again: behind the last entry, or before recent messages whose delivery may have moved. */
function readFrom(known) {
  const moving = known.slice(-RECENT).find((entry) => MOVING.has(entry.delivery));
  return moving ? moving.id - 1 : (known.at(-1)?.id ?? 0);
}

export async function loadTranscript(number) {
  let after = readFrom(transcripts.value[number] ?? []);
  do {
    const page = await get(`/tickets/${encodeURIComponent(number)}/transcript?after=${after}`);
    const known = transcripts.value[number] ?? [];
    const fresh = new Map(page.items.map((entry) => [entry.id, entry]));
    const merged = [...known.filter((entry) => !fresh.has(entry.id)), ...page.items].sort((a, b) => a.id - b.id);
    const isSame = JSON.stringify(known) === JSON.stringify(merged);
    if (!isSame || !transcripts.value[number]) transcripts.value = { ...transcripts.value, [number]: merged };
    after = page.next;
  } while (after !== null && currentNumber.value === number);
  markRead(number);
}

/** The server counts the agent's own ticket as read when its transcript was fetched; the list need not wait to hear it. */
function markRead(number) {
  const row = lists.value.mine?.items.find((one) => one.number === number);
  if (!row?.unread) return;
  const items = lists.value.mine.items.map((one) => (one === row ? { ...row, unread: 0 } : one));
  lists.value = { ...lists.value, mine: { ...lists.value.mine, items } };
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

/** Take the ticket, and show it among one's own. */
export async function accept(number) {
  try {
    await post(`/tickets/${encodeURIComponent(number)}/accept`);
    tab.value = "mine";
    await refresh();
  } catch (problem) {
    tellProblem(problem);
    await refresh().catch(() => {});
  }
}

/** Resolve; gives whether it worked. */
export async function resolve(number, outcome, note) {
  try {
    await post(`/tickets/${encodeURIComponent(number)}/resolve`, { outcome, note: note.trim() || null });
    await refresh();
    return true;
  } catch (problem) {
    tellProblem(problem);
    return false;
  }
}

export async function addNote(number, text) {
  const answer = await post(`/tickets/${encodeURIComponent(number)}/notes`, { text });
  if (currentNumber.value === number && order.ticket.isNews(order.ticket.ask())) ticket.value = answer;
}

/** The neighbour of the open ticket in the list, `step` rows away. */
export function move(step) {
  const numbers = rows.value.map((row) => row.number);
  if (!numbers.length) return;
  const at = numbers.indexOf(currentNumber.value);
  open(numbers[at < 0 ? 0 : Math.min(numbers.length - 1, Math.max(0, at + step))]);
}
