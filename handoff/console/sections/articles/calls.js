// The articles' part of the API, and its failures in words that say what to do.
import { signal } from "/static/vendor/preact.js";
import { get, newKey, post } from "/static/console/api.js";
import { me } from "/static/console/store.js";
import { translator } from "/static/console/texts.js";
import { tell, wordsFor } from "/static/console/toasts.js";
import { dayAgo } from "/static/console/sections/kit.js";
import { texts } from "/static/console/sections/articles/texts.js";

export const t = translator(texts);
export const mayWrite = () => me.value?.scopes.includes("articles:write") ?? false;

export const PRODUCTS = ["auto", "critical_illness", "medical", "accident", "life", "home"];
export const LANGUAGES = ["zh", "en"];
export const otherOf = (language) => (language === "zh" ? "en" : "zh");

/** The insurer's date, by which schedules begin; every list tells it anew. */
const businessDay = signal(dayAgo(0));
export const today = () => businessDay.value;

/** Every page of a list. */
async function all(path) {
  const items = [];
  let cursor = null;
  do {
    const page = await get(`${path}&limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    businessDay.value = page.today;
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}

/** Articles that fit `{state, language, product, q}`; empty ones do not narrow. */
export function list(filters) {
  const chosen = Object.entries(filters).filter(([, value]) => value);
  return all(`/articles?${new URLSearchParams(chosen)}`);
}

export const read = (id) => get(`/articles/${id}`);
export const readRevision = (id, number) => get(`/articles/${id}/revisions/${number}`);
export const preview = (text) => post("/articles/preview", { text });
export const create = (topic, language, content) => post("/articles", { topic, language, content }, newKey());
/** `act`: revisions, publish, unschedule, retire or restore. */
export const change = (id, act, body) => post(`/articles/${id}/${act}`, body, newKey());
export const askedPage = (query) => get(`/articles/questions?${query}`);
export const askedCount = (days) => get(`/articles/questions/count?days=${days}`);
export const tryQuestion = (trial) => post("/articles/try", trial);

export function failureWords(problem) {
  const words = t(`error.${problem.code}`);
  return words === problem.code?.replaceAll("_", " ") ? wordsFor(problem) : words;
}

export function tellFailure(problem) {
  if (problem.status !== 401) tell(failureWords(problem), "bad"); // of 401 the sign-in page says it
}

export const go = (...parts) => (location.hash = ["articles", ...parts].join("/"));
