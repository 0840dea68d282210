// The register: filters, and a row for each complaint.
import { html, useState } from "/static/vendor/preact.js";
import { dayOf, summaryOf } from "/static/console/format.js";
import { translator } from "/static/console/texts.js";
import { Loaded, query, Select, useList } from "/static/console/sections/kit.js";
import { ClockPills } from "/static/console/sections/complaints/clocks.js";
import { texts } from "/static/console/sections/complaints/texts.js";

const t = translator(texts);
export const CATEGORIES = ["product", "service", "claim"];
export const SEVERITIES = ["ordinary", "major"];
export const PRODUCTS = ["auto", "critical_illness", "medical", "accident", "life", "home"];
const EMPTY = { category: "", severity: "", product_type: "", is_open: "true", clocks: "" };

const named = (all, group, names) => [["", t(all)], ...names.map((one) => [one, t(`${group}.${one}`)])];

function Filters({ value, onChange }) {
  const set = (name) => (to) => onChange({ ...value, [name]: to });
  const one = (name, label, options) => html`<${Select} label=${label} value=${value[name]} onChange=${set(name)} options=${options} testid=${`complaints-${name}`} />`;
  return html`
    <div class="toolbar">
      ${one("is_open", t("facts.status"), [["true", t("open")], ["false", t("closed")], ["", t("all_states")]])}
      ${one("category", t("category_name"), named("all_categories", "category", CATEGORIES))}
      ${one("severity", t("severity_name"), named("all_severities", "severity", SEVERITIES))}
      ${one("product_type", t("product_name"), named("all_products", "product", PRODUCTS))}
      ${one("clocks", t("column.clocks"), named("all_clocks", "clocks", ["broken", "due_soon", "paused"]))}
    </div>
  `;
}

function Row({ complaint }) {
  return html`
    <tr data-testid="complaint-row">
      <td><a href="#complaints/${complaint.number}"><strong class="digits">${complaint.number}</strong></a> ${complaint.customer?.name ?? html`<span class="muted">${t("stranger")}</span>`}<p class="complaints-summary">${summaryOf(complaint)}</p></td>
      <td><span class="pill ${complaint.severity === "major" ? "bad" : "plain"}">${t(`category.${complaint.category}`)}${complaint.severity === "major" ? ` · ${t("major_mark")}` : ""}</span>${complaint.product_type && html`<div class="muted complaints-small">${t(`product.${complaint.product_type}`)}</div>`}</td>
      <td><${ClockPills} complaint=${complaint} /></td>
      <td>${complaint.agent?.name ?? html`<span class="muted">${t("nobody")}</span>`}<div class="muted complaints-small">${t(`status.${complaint.status}`)}</div></td>
      <td class="muted">${dayOf(complaint.opened_at)}</td>
    </tr>
  `;
}

export function Register() {
  const [filters, setFilters] = useState(EMPTY);
  const list = useList(`/complaints${query({ ...filters, limit: 50 })}`);
  const isFiltered = Object.keys(filters).some((name) => name !== "is_open" && filters[name]);
  const none = isFiltered ? "none_filtered" : "none";
  return html`
    <${Filters} value=${filters} onChange=${setFilters} />
    <${Loaded} state=${list}>${({ items }) => items.length === 0
      ? html`<div class="card empty"><strong>${t(none)}</strong>${t(`${none}_hint`)}</div>`
      : html`
        <div class="table"><table>
          <thead><tr>${["number", "class", "clocks", "agent", "opened"].map((one) => html`<th key=${one}>${t(`column.${one}`)}</th>`)}</tr></thead>
          <tbody>${items.map((one) => html`<${Row} key=${one.number} complaint=${one} />`)}</tbody>
        </table></div>
        ${list.more && html`<button class="wide" onClick=${list.more}>${t("more")}</button>`}`}<//>
  `;
}
