// The list of claims with its filters.
import { html, signal, useEffect, useState } from "/static/vendor/preact.js";
import { businessDate, money } from "/static/console/format.js";
import { named } from "/static/console/texts.js";
import { go, list, loadTypes, may, MOODS, STAGES, t, tellFailure } from "/static/console/sections/claims/calls.js";
import { today } from "/static/console/sections/kit.js";

/** Kept while the page is open, so that coming back from a claim shows the same list. */
const filters = signal({ q: "", stage: "", type: "", order: "newest", is_disputed: "", is_flagged: "" });
const set = (change) => (filters.value = { ...filters.value, ...change });
export const isOver = (claim) => claim.next_step_by && claim.next_step_by < today();

export function Stage({ stage }) {
  return html`<span class="pill ${MOODS[stage] ?? ""}" data-testid="claim-stage">${t(`stage.${stage}`)}</span>`;
}

function Filters() {
  const [words, setWords] = useState(filters.value.q);
  const [types, setTypes] = useState([]);
  useEffect(() => void loadTypes().then((found) => setTypes(found.items)).catch(tellFailure), []);
  useEffect(() => {
    const waiting = setTimeout(() => words.trim() !== filters.value.q && set({ q: words.trim() }), 250);
    return () => clearTimeout(waiting);
  }, [words]);
  const choice = (name) => ({ value: filters.value[name], onChange: (event) => set({ [name]: event.target.value }) });
  const tick = (name) => ({ checked: Boolean(filters.value[name]), onChange: (event) => set({ [name]: event.target.checked ? "true" : "" }) });
  return html`
    <div class="toolbar">
      <input type="search" class="grow" maxlength="100" placeholder=${t("search")} aria-label=${t("search")} data-testid="claim-search" value=${words} onInput=${(event) => setWords(event.target.value)} />
      <select aria-label=${t("all_stages")} data-testid="claim-filter-stage" ...${choice("stage")}>
        <option value="">${t("all_stages")}</option>
        ${STAGES.map((one) => html`<option key=${one} value=${one}>${t(`stage.${one}`)}</option>`)}
      </select>
      <select aria-label=${t("all_types")} ...${choice("type")}>
        <option value="">${t("all_types")}</option>
        ${types.map((one) => html`<option key=${one.type} value=${one.type}>${named(one.name)}</option>`)}
      </select>
      <select aria-label=${t("column.since")} ...${choice("order")}>
        ${["newest", "oldest", "longest_in_stage"].map((one) => html`<option key=${one} value=${one}>${t(`order.${one}`)}</option>`)}
      </select>
      <label class="claim-tick"><input type="checkbox" ...${tick("is_disputed")} />${t("disputed")}</label>
      <label class="claim-tick"><input type="checkbox" ...${tick("is_flagged")} />${t("flagged")}</label>
    </div>
  `;
}

function Row({ claim }) {
  const missing = claim.missing_documents.map((one) => named(one.name));
  return html`
    <tr>
      <td><a href="#claims/${claim.number}" data-testid="claim-${claim.number}">${claim.number}</a></td>
      <td>${claim.customer_name}</td>
      <td>${named(claim.type_name)}</td>
      <td><${Stage} stage=${claim.stage} /></td>
      <td>${businessDate(claim.stage_since)}</td>
      <td class=${isOver(claim) ? "claim-over" : ""}>${businessDate(claim.next_step_by)}${isOver(claim) ? ` · ${t("over")}` : ""}</td>
      <td title=${missing.join("、")}>${missing.length ? t("n_missing", { n: missing.length }) : ""}</td>
      <td class="number">${money(claim.claimed_amount)}</td>
    </tr>
  `;
}

export function List() {
  const [items, setItems] = useState(null);
  const [next, setNext] = useState(null);
  const chosen = filters.value;
  useEffect(() => {
    let isCurrent = true;
    list(chosen)
      .then((page) => isCurrent && (setItems(page.items), setNext(page.next)))
      .catch((problem) => isCurrent && tellFailure(problem));
    return () => (isCurrent = false);
  }, [chosen]);
  const more = () => list(chosen, next).then((page) => (setItems([...items, ...page.items]), setNext(page.next))).catch(tellFailure);
  const columns = ["number", "customer", "type", "stage", "since", "next", "missing", "amount"];
  return html`
    <header class="page-head">
      <h2>${t("title")}</h2>
      ${may("claims:write") && html`<button class="primary" data-testid="claim-new" onClick=${() => go("new")}>${t("new")}</button>`}
      <p>${t("lead")}</p>
    </header>
    <${Filters} />
    ${items === null && html`<p class="loading muted">${t("loading")}</p>`}
    ${items?.length === 0 && html`<div class="card"><h3>${t("none")}</h3><p class="muted">${t("none_hint")}</p></div>`}
    ${items?.length > 0 &&
    html`<div class="table"><table>
      <thead><tr>${columns.map((one) => html`<th key=${one} class=${one === "amount" ? "number" : ""}>${t(`column.${one}`)}</th>`)}</tr></thead>
      <tbody>${items.map((claim) => html`<${Row} key=${claim.number} claim=${claim} />`)}</tbody>
    </table></div>`}
    ${next && html`<div><button onClick=${more}>${t("more")}</button></div>`}
  `;
}
