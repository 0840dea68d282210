// What is known of the customer beside the conversation; read again when the conversation moves.
import { computed, effect, signal, untracked } from "/static/vendor/preact.js";
import { get } from "/static/console/api.js";
import { entries, ticket } from "/static/console/store.js";

const FRESH = 30000;
const PREMIUMS_SHOWN = 8;

/** `{id, customer, policies, claims, interactions}`; a part that could not be read is null. */
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
let reading = null;

async function withPremium(policy) {
  if (policy.next_premium !== undefined || !["active", "grace"].includes(policy.status)) return policy;
  return { ...policy, ...(await get(`/policies/${encodeURIComponent(policy.number)}`).catch(() => ({}))) };
}

export async function readPerson(id) {
  const part = (path) => get(`/customers/${id}${path}`).catch(() => null);
  readAt = Date.now();
  reading = id;
  const [customer, policies, claims, interactions] = await Promise.all([
    part(""),
    part("/policies"),
    part("/claims"),
    part("/interactions?limit=12"),
  ]);
  if (reading !== id) return;
  const known = person.value?.id === id ? person.value.policies : null;
  const shown = policies?.items.map((policy) => ({ ...known?.find((one) => one.number === policy.number), ...policy }));
  person.value = { id, customer, policies: shown ?? null, claims: claims?.items ?? null, interactions: interactions?.items ?? null };
  const first = shown?.slice(0, PREMIUMS_SHOWN) ?? [];
  const detailed = await Promise.all(first.map(withPremium));
  if (reading === id && shown) person.value = { ...person.value, policies: [...detailed, ...shown.slice(PREMIUMS_SHOWN)] };
}

effect(() => {
  const id = personId.value;
  void entries.value?.length;
  untracked(() => {
    if (id === null) {
      reading = null;
      person.value = null;
    } else if (person.value?.id !== id || Date.now() - readAt > FRESH) {
      if (person.value?.id !== id) person.value = null;
      readPerson(id);
    }
  });
});
