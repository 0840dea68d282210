// The claims' part of the API, and its failures in words that say what to do.
import { get, newKey, patch, post, remove, upload } from "/static/console/api.js";
import { me } from "/static/console/store.js";
import { translator } from "/static/console/texts.js";
import { tell, wordsFor } from "/static/console/toasts.js";
import { texts } from "/static/console/sections/claims/texts.js";

export const t = translator(texts);
export const may = (right) => me.value?.scopes.includes(right) ?? false;
export const STAGES = ["reported", "awaiting_documents", "under_review", "investigating", "approved", "paid", "declined", "withdrawn", "closed"];
export const MOODS = { awaiting_documents: "warn", approved: "good", paid: "good", declined: "bad", withdrawn: "plain", closed: "plain" };
export const go = (...parts) => (location.hash = ["claims", ...parts].join("/"));
export const yuan = (amount) => (amount ? { amount: Number(amount).toFixed(2), currency: "CNY" } : null);

/** One page of claims that fit `{q, stage, type, order, ...}`; empty ones do not narrow. */
export function list(filters, cursor) {
  const chosen = Object.entries({ ...filters, cursor }).filter(([, value]) => value);
  return get(`/claims?${new URLSearchParams(chosen)}`);
}

let types;
/** Kinds of claims and reasons of decisions; they do not change while the page is open. */
export const loadTypes = () =>
  (types ??= get("/claims/types").catch((problem) => {
    types = undefined; // asked again by the next dialog
    throw problem;
  }));

export const correct = (number, body) => patch(`/claims/${number}`, body, newKey());
/** `act`: transitions, decision, payment, disputes, disputes/{id}/close. */
export const act = (number, name, body) => post(`/claims/${number}/${name}`, body, newKey());
export const report = (body) => post("/claims", body, newKey());

export function addFile(path, file, code) {
  const form = new FormData();
  form.append("file", file);
  if (code) form.append("code", code);
  return upload(path, form);
}
export const nameFile = (number, id, code) => patch(`/claims/${number}/files/${id}`, { code });
export const removeFile = (number, id) => remove(`/claims/${number}/files/${id}`);
export const changeDocument = (number, code, body) => patch(`/claims/${number}/documents/${code}`, body);

const draftOf = (customer) => `/customers/${customer}/claim-draft`;
export const readDraft = (customer) => get(draftOf(customer));
export const changeDraft = (customer, body) => patch(draftOf(customer), body, newKey());
export const confirmDraft = (customer, version) => post(`${draftOf(customer)}/confirm`, { version }, newKey());
export const discardDraft = (customer, version) => remove(`${draftOf(customer)}?version=${version}`);
export const addDraftFile = (customer, file, code) => addFile(`${draftOf(customer)}/files`, file, code);
export const findCustomers = (q) => get(`/customers?${new URLSearchParams({ q, limit: 8 })}`);
export const policiesOf = (customer) => get(`/customers/${customer}/policies?limit=50`);

export function failureWords(problem) {
  const words = t(`error.${problem.code}`);
  const isWorded = words !== problem.code?.replaceAll("_", " ");
  // A refused field comes with a sentence of its own.
  return isWorded ? words : problem.code === "invalid" && problem.message ? problem.message : wordsFor(problem);
}

export function tellFailure(problem) {
  if (problem.status !== 401) tell(failureWords(problem), "bad"); // the sign-in page says it
}
