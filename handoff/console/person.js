// What is known of the customer beside the conversation: one reading of everything, again when the conversation moves.
import { computed, effect, signal, untracked } from "/static/vendor/preact.js";
import { get } from "/static/console/api.js";
import { entries, ticket } from "/static/console/store.js";

const FRESH = 30000;

/** `{id, seen}`: the customer's overview, null when it could not be read. */
export const person = signal(null);

/** Whose record it is: the ticket's customer, or who proved to be one since. */
export const personId = computed(() => {
  if (!ticket.value) return null;
  return ticket.value.customer?.id ?? entries.value?.at(-1)?.customer_id ?? null;
});

/** How far the identity is proved at this point of the conversation. */
export const level = computed(() => {
  const last = entries.value?.findLast((entry) => entry.level !== null);
  return ticket.value?.status === "resolved" ? ticket.value.identity_level : (last?.level ?? ticket.value?.identity_level ?? 0);
});

let readAt = 0;
let later = null;
let turns = 0;

export async function readPerson(id = personId.value) {
  if (id === null) return;
  const turn = ++turns;
  readAt = Date.now();
  const seen = await get(`/customers/${id}/overview`).catch(() => null);
  if (turn === turns && personId.value === id) person.value = { id, seen };
}

effect(() => {
  const id = personId.value;
  void entries.value?.length;
  untracked(() => {
    clearTimeout(later);
    if (id === null) person.value = null;
    else if (person.value?.id !== id) {
      person.value = null;
      readPerson(id);
    } else later = setTimeout(() => readPerson(id), Math.max(0, readAt + FRESH - Date.now()));
  });
});
