// News from the socket are gathered, so that many of them cause one reading, and only of what moved.
import { loadChanged, numbersOf } from "/static/console/lists.js";
import { currentNumber, loadTicket, loadTranscript, ticket } from "/static/console/store.js";

// What comes alone is shown at once; in a flood the page reads no more often than this.
const AT_ONCE = 120;
const APART = 800;

const moved = { tickets: new Set(), talk: false, everything: null };
let timer = null;
let readAt = 0;

function soon() {
  if (timer !== null) return;
  timer = setTimeout(read, Math.max(AT_ONCE, readAt + APART - Date.now()));
}

async function read() {
  const { tickets, talk, everything } = { ...moved, tickets: [...moved.tickets] };
  Object.assign(moved, { tickets: new Set(), talk: false, everything: null });
  try {
    if (everything) await everything();
    else await Promise.all([...of(tickets), ...(talk && currentNumber.value ? [loadTranscript(currentNumber.value)] : [])]);
  } catch {
    // The page reads everything again by itself before long.
  }
  readAt = Date.now();
  timer = null;
  if (moved.tickets.size || moved.talk || moved.everything) soon();
}

function of(tickets) {
  if (!tickets.length) return [];
  const isOpen = tickets.includes(currentNumber.value);
  return [loadChanged(tickets), ...(isOpen ? [loadTicket(currentNumber.value)] : [])];
}

export function ticketMoved(number) {
  moved.tickets.add(number);
  if (number === currentNumber.value) moved.talk = true;
  soon();
}

/** Somebody said something, or a message went further. */
export function conversationMoved(conversation) {
  const numbers = numbersOf(conversation);
  for (const number of numbers) moved.tickets.add(number);
  // While the ticket is being opened only its row tells which conversation is its own.
  const isOpen = ticket.value?.conversation_id === conversation || numbers.includes(currentNumber.value);
  if (isOpen) {
    moved.talk = true;
    moved.tickets.add(currentNumber.value);
  }
  if (isOpen || numbers.length) soon();
}

/** Something may have been said in the open conversation. */
export function talkMoved() {
  moved.talk = true;
  soon();
}

/** `readAll` reads everything, once. */
export function everythingMoved(readAll) {
  moved.everything = readAll;
  soon();
}
