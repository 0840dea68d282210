// What was labelled or put aside, to be taken back until it is exported.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { fullTime } from "/static/console/format.js";
import { tell } from "/static/console/toasts.js";
import { intentName, listItems, t, tellFailure, undo } from "/static/console/sections/review/calls.js";

function Row({ item, takeBack }) {
  return html`
    <tr data-testid="review-row">
      <td class="words">${item.text}</td>
      <td>${item.label && html`<span class="pill">${intentName(item.label)}</span>`}</td>
      <td>${item.decided_by}</td>
      <td class="muted">${item.exported_at ? t("exported_at", { at: fullTime(item.exported_at) }) : t("not_exported")}</td>
      <td>${!item.exported_at && html`<button class="quiet small" data-testid="review-take-back" onClick=${() => takeBack(item)}>${t("undo")}</button>`}</td>
    </tr>
  `;
}

export function Done({ filters, changed }) {
  const [page, setPage] = useState(null);
  const load = (cursor = "") =>
    listItems(filters, cursor)
      .then((next) => setPage((before) => ({ ...next, items: [...(cursor ? before.items : []), ...next.items] })))
      .catch(tellFailure);
  useEffect(() => void load(), [JSON.stringify(filters)]);
  const takeBack = async (item) => {
    try {
      await undo(item);
      tell(t("undone"));
    } catch (problem) {
      tellFailure(problem);
    }
    load();
    changed();
  };
  if (!page) return html`<p class="muted">${t("loading")}</p>`;
  if (!page.items.length) return html`<div class="card empty"><strong>${t(`none_${filters.state}`)}</strong></div>`;
  return html`
    <div class="table">
      <table>
        <thead><tr><th>${t("column.text")}</th><th>${t("column.label")}</th><th>${t("column.by")}</th><th>${t("column.export")}</th><th></th></tr></thead>
        <tbody>${page.items.map((item) => html`<${Row} key=${item.id} item=${item} takeBack=${takeBack} />`)}</tbody>
      </table>
    </div>
    ${page.next && html`<button onClick=${() => load(page.next)}>${t("more")}</button>`}
  `;
}
