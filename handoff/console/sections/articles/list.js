// The list: one row a topic, its two languages side by side.
import { html, signal, useEffect, useState } from "/static/vendor/preact.js";
import { businessDate, dayOf } from "/static/console/format.js";
import { LANGUAGES, PRODUCTS, go, list, mayWrite, t, tellFailure } from "/static/console/sections/articles/calls.js";

const STATES = ["draft", "scheduled", "published", "retired"];
export const MOODS = { draft: "plain", scheduled: "warn", published: "good", retired: "bad" };
/** Kept while the page is open, so that coming back from an article shows the same list. */
const filters = signal({ q: "", state: "", language: "", product: "" });

function Choice({ name, options, all, words }) {
  return html`
    <select aria-label=${all} value=${filters.value[name]} onChange=${(event) => (filters.value = { ...filters.value, [name]: event.target.value })}>
      <option value="">${all}</option>
      ${options.map((one) => html`<option key=${one} value=${one}>${t(`${words}.${one}`)}</option>`)}
    </select>
  `;
}

function Filters() {
  const [words, setWords] = useState(filters.value.q);
  useEffect(() => {
    const waiting = setTimeout(() => (filters.value = { ...filters.value, q: words.trim() }), 250);
    return () => clearTimeout(waiting);
  }, [words]);
  return html`
    <div class="toolbar">
      <input type="search" class="grow" maxlength="100" placeholder=${t("search")} aria-label=${t("search")} data-testid="article-search" value=${words} onInput=${(event) => setWords(event.target.value)} />
      <${Choice} name="state" options=${STATES} all=${t("all_states")} words="state" />
      <${Choice} name="language" options=${LANGUAGES} all=${t("all_languages")} words="language" />
      <${Choice} name="product" options=${PRODUCTS} all=${t("all_products")} words="product" />
    </div>
  `;
}

function byTopic(items) {
  const topics = new Map();
  for (const item of items) topics.set(item.topic, { ...topics.get(item.topic), [item.language]: item });
  return [...topics];
}

function Cell({ article, topic, language }) {
  const isFiltered = Object.values(filters.value).some(Boolean);
  if (!article) {
    if (isFiltered || !mayWrite()) return html`<td class="muted">—</td>`;
    return html`<td><button class="link" onClick=${() => go("new", topic, language)}>${t("missing", { language: t(`language.${language}`) })}</button></td>`;
  }
  return html`
    <td>
      <a class="article-title" href="#articles/${article.id}" data-testid="article-${article.topic}-${language}">${article.title}</a>
      <span class="article-marks">
        <span class="pill ${MOODS[article.state]}">${t(`state.${article.state}`)}</span>
        ${article.has_draft && article.state !== "draft" && html`<span class="pill warn">${t("has_draft")}</span>`}
        ${article.scheduled_from && html`<span class="muted">${t("from_day", { day: businessDate(article.scheduled_from) })}</span>`}
        ${article.valid_to && html`<span class="muted">${t("until_day", { day: businessDate(article.valid_to) })}</span>`}
      </span>
    </td>
  `;
}

function Row({ topic, versions }) {
  const any = versions.zh ?? versions.en;
  const changed = [versions.zh, versions.en].filter(Boolean).map((one) => one.updated_at).sort().at(-1);
  return html`
    <tr>
      ${LANGUAGES.map((language) => html`<${Cell} key=${language} article=${versions[language]} topic=${topic} language=${language} />`)}
      <td>${any.products.length ? any.products.map((one) => t(`product.${one}`)).join(" · ") : html`<span class="muted">${t("every_product")}</span>`}</td>
      <td class="number muted">${dayOf(changed)}</td>
    </tr>
  `;
}

export function List() {
  const [items, setItems] = useState(null);
  const chosen = filters.value;
  useEffect(() => {
    let isCurrent = true;
    list(chosen)
      .then((found) => isCurrent && setItems(found))
      .catch((problem) => isCurrent && tellFailure(problem));
    return () => (isCurrent = false);
  }, [chosen]);
  const topics = byTopic(items ?? []);
  const isFiltered = Object.values(chosen).some(Boolean);
  return html`
    <${Filters} />
    ${items === null && html`<p class="loading muted">${t("loading")}</p>`}
    ${items?.length === 0 && html`<p class="card muted">${t(isFiltered ? "none" : "empty")}</p>`}
    ${topics.length > 0 &&
    html`
      <p class="muted">${t("count", { n: topics.length })}</p>
      <div class="table"><table>
        <thead><tr>${LANGUAGES.map((one) => html`<th key=${one}>${t(`language.${one}`)}</th>`)}<th>${t("products")}</th><th class="number">${t("changed")}</th></tr></thead>
        <tbody>${topics.map(([topic, versions]) => html`<${Row} key=${topic} topic=${topic} versions=${versions} />`)}</tbody>
      </table></div>
    `}
  `;
}
