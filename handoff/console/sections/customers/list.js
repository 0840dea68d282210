// Finding customers: by one field, by filters, or because a policy may lapse.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { get, post } from "/static/console/api.js";
import { phone } from "/static/console/format.js";
import { Icon } from "/static/console/icons.js";
import { tellProblem } from "/static/console/toasts.js";
import { go, t } from "/static/console/sections/customers/calls.js";

const TIERS = ["gold", "silver", "standard"];
const SORTS = ["-updated_at", "name", "-id"];

export function List({ chosen }) {
  const isRisks = chosen === "risks";
  return html`
    <header class="page-head">
      <h2>${t("sections.customers")}</h2>
      <button class="quiet small" aria-pressed=${isRisks} data-testid="risks" onClick=${() => go(isRisks ? "" : "risks")}>${isRisks ? t("back") : t("risks")}</button>
      <p>${t("lead")}</p>
    </header>
    ${isRisks ? html`<${Risks} />` : html`<${Found} />`}
  `;
}

function Found() {
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState("");
  const [filters, setFilters] = useState({ tier: "", tag: "", sort: "-updated_at" });
  const [page, setPage] = useState(null);
  const [tags, setTags] = useState([]);
  useEffect(() => {
    get("/tags").then((answer) => setTags(answer.items)).catch(() => setTags([]));
  }, []);
  useEffect(() => {
    let isCurrent = true;
    setPage(null);
    const reading = asked ? post("/customers/search", { q: asked }) : get(`/customers?${query(filters)}`);
    reading.then((answer) => isCurrent && setPage(answer)).catch((problem) => {
      tellProblem(problem);
      if (isCurrent) setPage({ items: [], next: null });
    });
    return () => (isCurrent = false);
  }, [asked, filters]);
  const more = async () => {
    const next = await get(`/customers?${query(filters)}&cursor=${page.next}`).catch(tellProblem);
    if (next) setPage({ items: [...page.items, ...next.items], next: next.next });
  };
  const choose = (name) => (event) => setFilters({ ...filters, [name]: event.target.value });
  return html`
    <form class="toolbar" role="search" onSubmit=${(event) => { event.preventDefault(); setAsked(typed.trim()); }}>
      <input class="customers-search" type="search" aria-label=${t("search")} placeholder=${t("search_hint")} maxlength="100" value=${typed} data-testid="customer-search"
        onInput=${(event) => { setTyped(event.target.value); if (!event.target.value) setAsked(""); }} />
      <button class="primary"><${Icon} name="search" size=${16} />${t("find")}</button>
      ${asked
        ? html`<button type="button" class="quiet" onClick=${() => { setTyped(""); setAsked(""); }}>${t("clear")}</button>`
        : html`
            <select aria-label=${t("tier_name")} value=${filters.tier} onChange=${choose("tier")}>
              <option value="">${t("all_tiers")}</option>${TIERS.map((one) => html`<option value=${one}>${t(`tier.${one}`)}</option>`)}
            </select>
            <select aria-label=${t("tags")} value=${filters.tag} onChange=${choose("tag")}>
              <option value="">${t("all_tags")}</option>${tags.map((one) => html`<option value=${one.tag}>${one.tag} (${one.customers})</option>`)}
            </select>
            <select aria-label=${t("sort.name")} value=${filters.sort} onChange=${choose("sort")}>${SORTS.map((one) => html`<option value=${one}>${t(`sort.${one}`)}</option>`)}</select>
          `}
    </form>
    ${page === null ? html`<p class="muted loading">${t("loading")}</p>` : html`<${Table} rows=${page.items} />`}
    ${page?.next && html`<button class="wide" onClick=${more}>${t("more")}</button>`}
  `;
}

const query = (filters) => new URLSearchParams(Object.entries({ limit: 30, ...filters }).filter(([, value]) => value !== "")).toString();

function Table({ rows }) {
  if (!rows.length) return html`<div class="card customers-empty"><strong>${t("none")}</strong><p class="muted">${t("none_hint")}</p></div>`;
  return html`
    <div class="table"><table>
      <thead><tr><th>${t("name")}</th><th>${t("phone")}</th><th>${t("region")}</th><th>${t("tier_name")}</th><th>${t("tags")}</th></tr></thead>
      <tbody>
        ${rows.map(
          (row) => html`
            <tr key=${row.id} class="clickable" data-testid="customer-row" onClick=${() => go(row.id)}>
              <td><a href="#customers/${row.id}"><strong>${row.name}</strong></a>${row.latin_name && row.latin_name !== row.name && html` <span class="muted">${row.latin_name}</span>`}</td>
              <td class="digits">${phone(row.phone)}</td><td>${row.region ?? ""}</td>
              <td><span class="tier tier-${row.tier}">${t(`tier.${row.tier}`)}</span></td>
              <td>${row.tags.map((tag) => html`<span class="pill plain">${tag}</span> `)}</td>
            </tr>
          `,
        )}
      </tbody>
    </table></div>
  `;
}

function Risks() {
  const [page, setPage] = useState(null);
  const read = (cursor) =>
    get(`/lapse-risks?limit=50${cursor ? `&cursor=${cursor}` : ""}`)
      .then((next) => setPage((before) => ({ items: [...(cursor ? before.items : []), ...next.items], next: next.next })))
      .catch((problem) => { tellProblem(problem); setPage((before) => before ?? { items: [], next: null }); });
  useEffect(() => { read(); }, []);
  if (page === null) return html`<p class="muted loading">${t("loading")}</p>`;
  if (!page.items.length) return html`<div class="card customers-empty"><strong>${t("risks_none")}</strong></div>`;
  return html`
    <div class="table"><table>
      <thead><tr><th>${t("name")}</th><th>${t("tier_name")}</th><th class="number">${t("points")}</th><th>${t("reasons")}</th></tr></thead>
      <tbody>
        ${page.items.map(
          (row) => html`
            <tr key=${row.customer_id} class="clickable" data-testid="risk-row" onClick=${() => go(row.customer_id)}>
              <td><a href="#customers/${row.customer_id}"><strong>${row.name}</strong></a></td>
              <td><span class="tier tier-${row.tier}">${t(`tier.${row.tier}`)}</span></td>
              <td class="number">${row.risk_points}</td>
              <td>${row.reasons.map((one) => html`<span class="pill warn">${t(`reason.${one.code}`, one)}</span> `)}</td>
            </tr>
          `,
        )}
      </tbody>
    </table></div>
    ${page.next && html`<button class="wide" onClick=${() => read(page.next)}>${t("more")}</button>`}
  `;
}
