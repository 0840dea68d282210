// Trying a question against the index: what a customer would get, with scores and the threshold.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { LANGUAGES, list, PRODUCTS, go, t, tellFailure, tryQuestion } from "/static/console/sections/articles/calls.js";

async function openArticle(hit) {
  const found = await list({ q: hit.article, language: hit.language }).catch(tellFailure);
  const article = found?.find((one) => one.topic === hit.article);
  if (article) go(article.id);
}

function Bar({ value, threshold }) {
  return html`
    <svg class="article-score" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=${value.toFixed(2)}>
      <rect class="whole" width="100" height="8" rx="2" /><rect class=${value >= threshold ? "enough" : "short"} width=${100 * value} height="8" rx="2" />
      <rect class="threshold" x=${100 * threshold} width="0.4" height="8" />
    </svg>
  `;
}

function Hit({ hit, threshold, isAnswer }) {
  return html`
    <li class="card ${isAnswer ? "article-answer" : ""}" data-testid="trial-hit">
      <div class="article-revision">
        <strong>${hit.title}</strong><span class="pill plain">${t(`language.${hit.language}`)}</span>
        ${isAnswer && html`<span class="pill good">${t("trial.fits")}</span>`}
        <span class="space"></span><span class="number">${hit.score.toFixed(3)}</span>
        <button class="link" onClick=${() => openArticle(hit)}>${t("trial.open")}</button>
      </div>
      <${Bar} value=${hit.score} threshold=${threshold} />
      <p class="article-passage">${hit.passage}</p>
      <p class="muted article-evidence">${Object.entries(hit.evidence).map(([name, value]) => html`<span key=${name}>${t(`trial.evidence.${name}`)} <b class="number">${value.toFixed(2)}</b></span>`)}</p>
    </li>
  `;
}

function Ask({ asked, change, submit, busy }) {
  const typed = (name) => ({ value: asked[name], onInput: (event) => change({ ...asked, [name]: event.target.value }) });
  return html`
    <form class="toolbar" onSubmit=${(event) => (event.preventDefault(), submit())}>
      <input class="grow" required maxlength="500" aria-label=${t("trial.query")} placeholder=${t("trial.query")} data-testid="trial-query" ...${typed("query")} />
      <select aria-label=${t("fields.language")} ...${typed("language")}>${LANGUAGES.map((one) => html`<option key=${one} value=${one}>${t(`language.${one}`)}</option>`)}</select>
      <select aria-label=${t("products")} ...${typed("product_type")}>
        <option value="">${t("trial.any")}</option>
        ${PRODUCTS.map((one) => html`<option key=${one} value=${one}>${t(`product.${one}`)}</option>`)}
      </select>
      <button class="primary" data-testid="trial-ask" disabled=${busy}>${t(busy ? "trial.busy" : "trial.ask")}</button>
    </form>
  `;
}

export function Trial({ query = "", language = "zh" }) {
  const [asked, setAsked] = useState({ query, language, product_type: "" });
  const [found, setFound] = useState(null);
  const [busy, setBusy] = useState(false);
  async function submit() {
    setBusy(true);
    await tryQuestion({ ...asked, product_type: asked.product_type || null }).then(setFound).catch(tellFailure);
    setBusy(false);
  }
  useEffect(() => {
    if (query) submit();
  }, []);
  const threshold = found?.threshold.toFixed(2);
  return html`
    <p class="muted">${found ? t("trial.lead", { threshold }) : t("trial.lead_plain")}</p>
    <${Ask} asked=${asked} change=${setAsked} submit=${submit} busy=${busy} />
    ${found?.hits.length === 0 && html`<p class="card muted">${t("trial.none")}</p>`}
    ${found?.hits.length > 0 && !found.fits && html`<p class="pill warn">${t("trial.not", { threshold })}</p>`}
    ${found && html`<ol class="article-hits">${found.hits.map((hit, rank) => html`<${Hit} key=${hit.article} hit=${hit} threshold=${found.threshold} isAnswer=${found.fits && rank === 0} />`)}</ol>`}
  `;
}
