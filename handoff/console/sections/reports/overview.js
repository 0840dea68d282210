// All figures and volumes of the period at a glance.
import { html } from "/static/vendor/preact.js";
import { Loaded, useRead } from "/static/console/sections/kit.js";
import { Bars } from "/static/console/sections/charts.js";
import { asked, t } from "/static/console/sections/reports/asking.js";
import { moved, reaches, shown } from "/static/console/sections/reports/figure_words.js";
import { nameOf } from "/static/console/sections/reports/names.js";

export const VOLUMES = ["channel", "intent", "complaint", "drop_out", "unanswered"];
const FEW = 6;

function Figure({ figure }) {
  const change = moved(figure);
  const isReached = reaches(figure);
  return html`
    <a class="card reports-figure" href="#reports/figure/${figure.name}" data-testid="figure-${figure.name}">
      <h3>${t(`figure.${figure.name}`)}</h3>
      <strong class="number">${shown(figure.value, figure.unit)}</strong>
      <span class="reports-marks">
        ${change && html`<span class="pill ${change.mood}" title=${t("was", { value: shown(figure.previous, figure.unit) })}>${change.words}</span>`}
        ${isReached !== null && html`<span class="pill ${isReached ? "good" : "warn"}">${t("target", { value: shown(figure.target, figure.unit) })}</span>`}
      </span>
      <span class="muted">${figure.count ? t(`of.${figure.name}`, { n: figure.count }) : t("nothing")}</span>
    </a>
  `;
}

export function Figures() {
  const state = useRead(`/reports/figures${asked()}`);
  return html`<${Loaded} state=${state}>${({ items }) => html`<div class="reports-grid">${items.map((one) => html`<${Figure} key=${one.name} figure=${one} />`)}</div>`}<//>`;
}

function Volume({ by }) {
  const state = useRead(`/reports/volumes/${by}${asked({ limit: FEW })}`);
  return html`
    <section class="card" data-testid="volume-${by}">
      <h3><a href="#reports/volume/${by}">${t(`volume.${by}`)}</a></h3>
      <${Loaded} state=${state}>${({ items, total, previous_total: before }) => html`
        <p class="muted reports-total">${t("total", { n: total, before })}</p>
        ${items.length ? html`<${Bars} rows=${items.map((one) => ({ key: one.name, name: nameOf(by, one.name), value: one.count, was: one.previous }))} />` : html`<p class="muted">${t("volume_none")}</p>`}`}<//>
    </section>
  `;
}

export const Volumes = () => html`<div class="reports-volumes">${VOLUMES.map((by) => html`<${Volume} key=${by} by=${by} />`)}</div>`;
