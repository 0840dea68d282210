// Change requests: what is to be confirmed, and one of them with before and after.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { get } from "/static/console/api.js";
import { fullTime } from "/static/console/format.js";
import { place } from "/static/console/sections.js";
import { named, translator } from "/static/console/texts.js";
import { tellProblem } from "/static/console/toasts.js";
import { One } from "/static/console/sections/changes/one.js";
import { texts } from "/static/console/sections/changes/texts.js";

const t = translator(texts);
const STATES = ["asked", "approved", "sent", "applied", "declined"];
export const MOOD = { asked: "warn", approved: "", sent: "", applied: "good", declined: "plain" };

export function Page() {
  const number = place.value[0];
  return html`<div class="page changes">${number ? html`<${One} key=${number} number=${number} />` : html`<${List} />`}</div>`;
}

function List() {
  const [state, setState] = useState("asked");
  const [page, setPage] = useState(null);
  const path = `/changes?limit=30${state ? `&state=${state}` : ""}`;
  useEffect(() => {
    let isCurrent = true;
    setPage(null);
    get(path).then((answer) => isCurrent && setPage(answer)).catch((problem) => { tellProblem(problem); if (isCurrent) setPage({ items: [], next: null }); });
    return () => (isCurrent = false);
  }, [path]);
  const more = async () => {
    const next = await get(`${path}&cursor=${page.next}`).catch(tellProblem);
    if (next) setPage({ items: [...page.items, ...next.items], next: next.next });
  };
  return html`
    <header class="page-head"><h2>${t("sections.changes")}</h2><p>${t("lead")}</p></header>
    <div class="toolbar"><select aria-label=${t("status")} value=${state} data-testid="change-state" onChange=${(event) => setState(event.target.value)}><option value="">${t("all")}</option>${STATES.map((one) => html`<option value=${one}>${t(`state.${one}`)}</option>`)}</select></div>
    ${page === null && html`<p class="muted loading">${t("loading")}</p>`}
    ${page?.items.length === 0 && html`<div class="card changes-empty"><strong>${t("none")}</strong><p class="muted">${t("none_hint")}</p></div>`}
    ${page?.items.length > 0 && html`
      <div class="table"><table>
        <thead><tr><th>${t("number")}</th><th>${t("what")}</th><th>${t("customer")}</th><th>${t("asked")}</th><th>${t("status")}</th></tr></thead>
        <tbody>${page.items.map((one) => html`
          <tr key=${one.number} data-testid="change-row" onClick=${() => (location.hash = `changes/${one.number}`)}>
            <td class="digits"><a href="#changes/${one.number}">${one.number}</a></td><td>${named(one.summary)}</td><td>${one.customer.name}</td><td>${fullTime(one.asked_at)}</td>
            <td><span class="pill ${MOOD[one.state]}">${t(`state.${one.state}`)}</span></td>
          </tr>`)}</tbody>
      </table></div>`}
    ${page?.next && html`<button class="wide" onClick=${more}>${t("more")}</button>`}
  `;
}
