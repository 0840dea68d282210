// What customers asked: what found nothing, and what a human had to answer after all.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { fullTime } from "/static/console/format.js";
import { askedCount, askedPage, go, mayWrite, t, tellFailure } from "/static/console/sections/articles/calls.js";
import { startArticle } from "/static/console/sections/articles/editor.js";

const DAYS = 30;
const OUTCOMES = ["nothing", "human", "answered"];
const MOODS = { nothing: "bad", human: "warn", answered: "good" };

function Counts({ count, chosen, choose }) {
  return html`
    <div class="article-counts">
      ${["total", ...OUTCOMES].map((one) => {
        const value = one === "total" ? "" : one;
        return html`
          <button key=${one} class="card figure" aria-pressed=${chosen === value} data-testid="asked-${one}" onClick=${() => choose(value)}>
            <strong>${count?.[one] ?? "–"}</strong><span>${t(`questions.${one}`)}</span>
          </button>
        `;
      })}
    </div>
  `;
}

function Row({ asked }) {
  const language = asked.language;
  const trial = () => go("trial", encodeURIComponent(asked.question.slice(0, 500)), language);
  return html`
    <tr>
      <td class="article-asked">${asked.question}</td>
      <td><span class="pill ${MOODS[asked.outcome]}">${t(`questions.${asked.outcome}`)}</span>${asked.ticket && html` <span class="muted">${asked.ticket}</span>`}</td>
      <td>${asked.article ?? "—"}${asked.score !== null && html` <span class="muted number">${asked.score.toFixed(2)}</span>`}</td>
      <td class="muted">${fullTime(asked.asked_at)}</td>
      <td class="article-row-actions">
        <button class="link" onClick=${trial}>${t("questions.try")}</button>
        ${mayWrite() && html`<button class="link" onClick=${() => startArticle({ questions: asked.question, products: asked.product_type ? [asked.product_type] : [] }, language)}>${t("questions.write")}</button>`}
      </td>
    </tr>
  `;
}

export function Questions() {
  const [outcome, choose] = useState("nothing");
  const [count, setCount] = useState(null);
  const [page, setPage] = useState(null);
  const load = (cursor) => {
    const query = new URLSearchParams({ days: DAYS, ...(outcome && { outcome }), ...(cursor && { cursor }) });
    return askedPage(query).then((found) => setPage((known) => ({ items: [...(cursor ? known.items : []), ...found.items], next: found.next })));
  };
  useEffect(() => {
    askedCount(DAYS).then(setCount).catch(tellFailure);
  }, []);
  useEffect(() => {
    setPage(null);
    load().catch(tellFailure);
  }, [outcome]);
  const columns = ["question", "result", "found", "when"];
  return html`
    <p class="muted">${t("questions.lead", { days: DAYS })}</p>
    <${Counts} count=${count} chosen=${outcome} choose=${choose} />
    ${page?.items.length === 0 && html`<p class="card muted">${t("questions.none")}</p>`}
    ${page?.items.length > 0 &&
    html`
      <div class="table"><table>
        <thead><tr>${columns.map((one) => html`<th key=${one}>${t(`questions.${one}`)}</th>`)}<th></th></tr></thead>
        <tbody>${page.items.map((asked) => html`<${Row} key=${asked.id} asked=${asked} />`)}</tbody>
      </table></div>
      ${page.next && html`<button onClick=${() => load(page.next).catch(tellFailure)}>${t("more")}</button>`}
    `}
  `;
}
