// Complaints by class, severity and product, of a stretch of days.
import { html, useState } from "/static/vendor/preact.js";
import { translator } from "/static/console/texts.js";
import { dayAgo, Loaded, query, useRead } from "/static/console/sections/kit.js";
import { Bars } from "/static/console/sections/charts.js";
import { texts } from "/static/console/sections/complaints/texts.js";

const t = translator(texts);

function summed(items, name, words) {
  const sums = new Map();
  for (const one of items) sums.set(one[name] ?? "", (sums.get(one[name] ?? "") ?? 0) + one.complaints);
  return [...sums].map(([key, value]) => ({ key, name: key ? t(`${words}.${key}`) : t("no_product"), value })).sort((a, b) => b.value - a.value);
}

function Table({ items }) {
  return html`
    <div class="table"><table>
      <caption class="visually-hidden">${t("table_caption")}</caption>
      <thead><tr><th>${t("category_name")}</th><th>${t("severity_name")}</th><th>${t("product_name")}</th><th class="number">${t("count")}</th><th class="number">${t("open_count")}</th><th class="number">${t("broken_count")}</th></tr></thead>
      <tbody>${items.map((one) => html`<tr><td>${t(`category.${one.category}`)}</td><td>${t(`severity.${one.severity}`)}</td><td>${one.product_type ? t(`product.${one.product_type}`) : t("no_product")}</td><td class="number">${one.complaints}</td><td class="number">${one.open}</td><td class="number">${one.breached}</td></tr>`)}</tbody>
    </table></div>
  `;
}

function Shown({ figures }) {
  const { items, total } = figures;
  if (!total) return html`<div class="card empty"><strong>${t("figures_none")}</strong></div>`;
  const sum = (name) => items.reduce((all, one) => all + one[name], 0);
  const within = `${Math.round(figures.within_standard * 100)}%`;
  return html`
    <div class="card complaints-totals" data-testid="complaint-figures">
      ${[[total, "total"], [sum("open"), "open_count"], [sum("breached"), "broken_count"], [within, "within"]].map(([value, name]) => html`<div class="figure" key=${name}><strong>${value}</strong><span>${t(name)}</span></div>`)}
    </div>
    <div class="complaints-clocks">
      ${[["category", "category"], ["severity", "severity"], ["product_type", "product"]].map(([name, words]) => html`<section class="card" key=${name}><h3>${t(`by_${words}`)}</h3><${Bars} rows=${summed(items, name, words)} /></section>`)}
    </div>
    <${Table} items=${items} />
  `;
}

export function Figures() {
  const [days, setDays] = useState({ since: dayAgo(89), until: dayAgo(0) });
  const state = useRead(`/complaints/figures${query(days)}`);
  const set = (name) => (event) => event.target.value && setDays({ ...days, [name]: event.target.value });
  return html`
    <div class="toolbar" role="group" aria-label=${t("period")}>
      <label class="complaints-day">${t("from")} <input type="date" value=${days.since} max=${days.until} onChange=${set("since")} /></label>
      <label class="complaints-day">${t("to")} <input type="date" value=${days.until} min=${days.since} onChange=${set("until")} /></label>
    </div>
    <${Loaded} state=${state}>${(figures) => html`<${Shown} figures=${figures} />`}<//>
  `;
}
