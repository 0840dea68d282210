// One figure: its formula, its course, and the conversations behind it.
import { html } from "/static/vendor/preact.js";
import { businessDate } from "/static/console/format.js";
import { BackLink, Loaded, useRead } from "/static/console/sections/kit.js";
import { Columns } from "/static/console/sections/charts.js";
import { asked, period, span, t } from "/static/console/sections/reports/asking.js";
import { moved, reaches, rowWords, shown } from "/static/console/sections/reports/figure_words.js";
import { Rows } from "/static/console/sections/reports/rows.js";
import { isoDay } from "/static/console/sections/kit.js";

/** Every hour of a single day, else every day of the period, those without anything included. */
function points(figure) {
  const note = (count) => t("count", { n: count });
  if (period.value.since === period.value.until) {
    const known = new Map(figure.hours.map((one) => [one.hour, one]));
    return Array.from({ length: 24 }, (_, hour) => point(`${hour}:00`, known.get(hour), note));
  }
  const known = new Map(figure.days.map((one) => [one.day, one]));
  const all = [];
  for (let day = new Date(`${period.value.since}T00:00:00`); isoDay(day) <= period.value.until; day = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1)) {
    all.push(point(businessDate(isoDay(day)), known.get(isoDay(day)), note));
  }
  return all;
}

const point = (name, known, note) => ({ name, value: known?.value ?? null, note: note(known?.count ?? 0) });
const MOST = { share: 1, rating: 5 };

function Head({ figure }) {
  const change = moved(figure);
  const isReached = reaches(figure);
  return html`
    <div class="reports-head">
      <strong class="number" data-testid="figure-value">${shown(figure.value, figure.unit)}</strong>
      <span>${figure.count ? t(`of.${figure.name}`, { n: figure.count }) : t("nothing")}</span>
      ${change && html`<span class="pill ${change.mood}">${change.words}</span>`}
      ${figure.previous !== null && html`<span class="muted">${t("was", { value: shown(figure.previous, figure.unit) })}</span>`}
      ${isReached !== null && html`<span class="pill ${isReached ? "good" : "warn"}">${t(isReached ? "reached" : "missed", { value: shown(figure.target, figure.unit) })}</span>`}
    </div>
  `;
}

export function Formula({ name }) {
  return html`<details class="reports-formula" data-testid="formula"><summary>${t("formula_of")}</summary><p>${t(`formula.${name}`)}</p></details>`;
}

export function One({ name }) {
  const state = useRead(`/reports/figures${asked()}`);
  return html`
    <${BackLink} href="#reports">${t("back")}<//>
    <${Loaded} state=${state}>${({ items }) => {
      const figure = items.find((one) => one.name === name);
      if (!figure) return html`<div class="card empty"><strong>${t("no_figure")}</strong></div>`;
      const format = (value) => shown(value, figure.unit);
      return html`
        <section class="card">
          <header class="reports-title"><h3>${t(`figure.${name}`)}</h3><a class="reports-csv" href="/api/v1/reports/figures/${name}/csv${asked()}" download data-testid="csv">${t("csv")}</a></header>
          <${Head} figure=${figure} />
          <${Formula} name=${name} />
          <${Columns} points=${points(figure)} format=${format} target=${figure.target} most=${MOST[figure.unit]} label=${t("chart_of", { name: t(`figure.${name}`), span: span() })} heading=${[t("at"), t(`figure.${name}`), t("cases")]} />
        </section>
        <${Rows} path=${`/reports/figures/${name}/rows${asked()}`} value=${(row) => rowWords(name, figure.unit, row.value)} />`;
    }}<//>
  `;
}
