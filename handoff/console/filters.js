// What the lists are narrowed to: kept per agent, but for the words that were searched.
import { effect, signal } from "/static/vendor/preact.js";
import { me } from "/static/console/session.js";

export const GROUPS = {
  kind: ["urgent", "complaint", "dispute", "inquiry", "surrender", "change_request", "quote", "callback", "suggestion"],
  skill: ["claims", "policy_service", "complaints", "surge"],
  channel: ["wechat", "sms", "web"],
  standard: ["near", "breached"],
};
const NAMES = Object.keys(GROUPS);
const stored = (agent) => `anda.console.filters.${agent.id}`;

/** `{kind: ["complaint"], …}`; a group that is missing narrows nothing. */
export const chosen = signal({});
export const words = signal("");

function known(text) {
  try {
    const kept = JSON.parse(text ?? "{}");
    const clean = NAMES.map((name) => [name, GROUPS[name].filter((one) => kept[name]?.includes(one))]);
    return Object.fromEntries(clean.filter(([, values]) => values.length));
  } catch {
    return {};
  }
}

effect(() => {
  chosen.value = me.value ? known(localStorage.getItem(stored(me.value))) : {};
});

export function toggle(name, value) {
  const values = chosen.value[name] ?? [];
  const rest = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
  const { [name]: _, ...others } = chosen.value;
  chosen.value = rest.length ? { ...others, [name]: rest } : others;
  localStorage.setItem(stored(me.value), JSON.stringify(chosen.value));
}

export function clear() {
  chosen.value = {};
  words.value = "";
  localStorage.removeItem(stored(me.value));
}

/** `[["kind", "complaint"], …]` of what is chosen. */
export const chips = () => NAMES.flatMap((name) => (chosen.value[name] ?? []).map((value) => [name, value]));
export const isNarrowed = () => chips().length > 0 || words.value.trim() !== "";

/** For the address of a list. */
export function asQuery() {
  const query = new URLSearchParams(chips());
  if (words.value.trim()) query.set("q", words.value.trim());
  return query.toString();
}

const standardOf = (row) => (row.escalated_at ? "breached" : row.warned_at ? "near" : "");

/** Whether a row belongs in the narrowed lists; null when only the server can tell. */
export function lets(row) {
  if (words.value.trim()) return null;
  const values = { ...row, standard: standardOf(row) };
  return NAMES.every((name) => !chosen.value[name] || chosen.value[name].includes(values[name]));
}
