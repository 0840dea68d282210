// The notices' part of the API, and its words.
import { get, post, put, remove } from "/static/console/api.js";
import { me } from "/static/console/store.js";
import { translator } from "/static/console/texts.js";
import { tell, wordsFor } from "/static/console/toasts.js";
import { texts } from "/static/console/sections/notices/texts.js";

export const t = translator(texts);
export const may = (right) => me.value?.scopes.includes(right) ?? false;
export const go = (...parts) => (location.hash = ["notices", ...parts].join("/"));

export const PRODUCTS = ["auto", "critical_illness", "medical", "accident", "life", "home"];
export const CHANNELS = ["wechat", "sms", "web"];

const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();
export const listNotices = (filters) => get(`/notices?${query(filters)}`);
export const readNotice = (id) => get(`/notices/${id}`);
export const cancelNotice = (id) => post(`/notices/${id}/cancel`);
export const listTemplates = () => get("/notice-templates");
export const readTemplate = (name) => get(`/notice-templates/${name}`);
export const saveTemplate = (name, body) => put(`/notice-templates/${name}`, body);
export const resetTemplate = (name) => remove(`/notice-templates/${name}`);
export const previewTemplate = (name, wording) => post(`/notice-templates/${name}/preview`, { wording });
export const listSegments = () => get("/segments?limit=200");
export const readSegment = (id) => get(`/segments/${id}`);
export const readChoices = () => get("/segments/choices");
export const previewSegment = (filter) => post("/segments/preview", { filter });
export const createSegment = (body, key) => post("/segments", body, key);
export const saveSegment = (id, body) => put(`/segments/${id}`, body);
export const archiveSegment = (id) => remove(`/segments/${id}`);
export const listCampaigns = () => get("/campaigns?limit=50");
export const readCampaign = (id) => get(`/campaigns/${id}`);
export const createCampaign = (body, key) => post("/campaigns", body, key);
export const createCatastrophe = (body, key) => post("/catastrophes", body, key);
export const dryRun = (id) => post(`/campaigns/${id}/dry-run`);
export const startCampaign = (id, version) => post(`/campaigns/${id}/start`, { version });
export const stopCampaign = (id) => post(`/campaigns/${id}/stop`);
export const listAudience = (id, cursor) => get(`/campaigns/${id}/audience?${query({ cursor, limit: 100 })}`);
export const listSurges = () => get("/surges?is_open=true");
export const closeSurge = (id) => post(`/surges/${id}/close`);

/** Words for a failure: ours, then the console's, then the API's own sentence. */
export function failureWords(problem) {
  const words = t(`failure.${problem.code}`);
  const isOurs = words !== problem.code?.replaceAll("_", " ");
  const isForm = problem.code === "invalid" && problem.message;
  return isOurs ? words : isForm ? problem.message : wordsFor(problem);
}

export function tellFailure(problem) {
  if (problem.status !== 401) tell(failureWords(problem), "bad"); // of 401 the sign-in page says it
}

/** `given` is a filter as the builder holds it; what is empty is left out, as the API wants it. */
export function tidy(given) {
  if (Array.isArray(given)) return given.map(tidy);
  if (given === null || typeof given !== "object") return given;
  const kept = Object.entries(given)
    .map(([name, value]) => [name, tidy(value)])
    .filter(([, value]) => value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && !value.length));
  return Object.fromEntries(kept);
}
