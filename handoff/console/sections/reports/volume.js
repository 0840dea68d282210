// One kind of volume: every count beside the one before, and the messages behind a count.
import { html, useState } from "/static/vendor/preact.js";
import { BackLink, Loaded, query, useRead } from "/static/console/sections/kit.js";
import { Bars } from "/static/console/sections/charts.js";
import { asked, t } from "/static/console/sections/reports/asking.js";
import { Formula } from "/static/console/sections/reports/figure.js";
import { nameOf } from "/static/console/sections/reports/names.js";
import { Rows } from "/static/console/sections/reports/rows.js";

function Counts({ by, volumes, chosen, choose }) {
  return html`
    <div class="reports-rows"><table>
      <thead><tr><th>${t(`volume_of.${by}`)}</th><th class="number">${t("times")}</th><th class="number">${t("before")}</th><th></th></tr></thead>
      <tbody>${volumes.items.map((one) => html`
        <tr key=${one.name} data-testid="volume-row">
          <td>${nameOf(by, one.name)}</td><td class="number">${one.count}</td><td class="number muted">${one.previous}</td>
          <td><button class="link" aria-pressed=${chosen === one.name} data-testid="volume-open" onClick=${() => choose(one.name)}>${t("open_rows")}</button></td>
        </tr>`)}</tbody>
    </table></div>
  `;
}

export function Volume({ by }) {
  const [chosen, choose] = useState(null);
  const state = useRead(`/reports/volumes/${by}${asked({ limit: 100 })}`);
  return html`
    <${BackLink} href="#reports">${t("back")}<//>
    <section class="card">
      <header class="reports-title"><h3>${t(`volume.${by}`)}</h3><a class="reports-csv" href="/api/v1/reports/volumes/${by}/csv${asked()}" download data-testid="csv">${t("csv")}</a></header>
      <${Formula} name=${by} />
      <${Loaded} state=${state}>${(volumes) => volumes.items.length === 0 ? html`<p class="muted">${t("volume_none")}</p>` : html`
        <p class="muted reports-total">${t("total", { n: volumes.total, before: volumes.previous_total })}</p>
        <${Bars} rows=${volumes.items.slice(0, 12).map((one) => ({ key: one.name, name: nameOf(by, one.name), value: one.count, was: one.previous }))} />
        <p class="muted reports-legend">${t("legend")}</p>
        <${Counts} by=${by} volumes=${volumes} chosen=${chosen} choose=${choose} />`}<//>
    </section>
    ${chosen !== null && html`<${Rows} key=${chosen} path=${`/reports/volumes/${by}/rows${asked({ name: chosen })}`} />`}
  `;
}
