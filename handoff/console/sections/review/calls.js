// The review list's part of the API, and the words of this page.
import { get, newKey, post } from "/static/console/api.js";
import { language, translator } from "/static/console/texts.js";
import { tell, tellProblem } from "/static/console/toasts.js";
import { intents } from "/static/console/sections/reports/texts.intents.js";
import { query } from "/static/console/sections/kit.js";
import { texts } from "/static/console/sections/review/texts.js";

export const t = translator(texts);
export const listItems = (filters, cursor, limit = 50) => get(`/review/items${query({ ...filters, cursor, limit })}`);
export const readItem = (id) => get(`/review/items/${id}`);
export const readCounts = () => get("/review/counts");
export const readVocabulary = () => get("/review/vocabulary");
export const label = (item, body) => post(`/review/items/${item.id}/label`, { version: item.version, ...body });
export const skip = (item) => post(`/review/items/${item.id}/skip`, { version: item.version });
export const undo = (item) => post(`/review/items/${item.id}/undo`, { version: item.version });
export const skipAll = (ids) => post("/review/skip", { ids });
export const listExports = () => get("/review/exports");
export const exportLabelled = () => post("/review/exports", {}, newKey());
export const fileOf = (one) => `/api/v1/review/exports/${one.id}/file`;

/** Say what went wrong, in this page's own words where it has them. */
export function tellFailure(problem) {
  const words = texts[language.value].error[problem.code];
  if (words) tell(words, "bad");
  else tellProblem(problem);
}

/** What an intent is called in the interface's language; its own name when there are no words for it. */
export const intentName = (intent) => intents[language.value][intent] ?? intent?.replaceAll("_", " ") ?? t("nothing");

/** Whether a typed text means this intent: its name in either language, or its own. */
export function fits(intent, typed) {
  const wanted = typed.trim().toLowerCase();
  return [intent, intents.zh[intent] ?? "", intents.en[intent] ?? ""].some((name) => name.toLowerCase().includes(wanted));
}
