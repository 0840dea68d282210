// Searching the articles for the customer's question, and putting what fits into the reply with its source.
import { html, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { post } from "/static/console/api.js";
import { insert, percent, quoted, spoken } from "/static/console/insert.js";
import { closeTool, Picker } from "/static/console/picker.js";
import { entries } from "/static/console/store.js";
import { t } from "/static/console/texts.js";
import { tellProblem } from "/static/console/toasts.js";

const SHOWN = 5;
const LONGEST = 500;
const SHORTEST = 3; // "在吗" needs no search

/** What the customer asked last, without what was hidden in it. */
const lastQuestion = () => (entries.value?.findLast((entry) => entry.direction === "inbound" && entry.text)?.text ?? "").replace(/⟦[^⟧]*⟧/g, "").trim().slice(0, LONGEST);

function Hit({ hit, isAnswer }) {
  return html`
    <div class="pick-title"><strong>${hit.title}</strong>${isAnswer && html`<span class="pill good">${t("knowledge.fits")}</span>`}<span class="space"></span><span class="muted number">${t("knowledge.score", { percent: percent(hit.score) })}</span></div>
    <p class="pick-text">${hit.passage}</p>
  `;
}

export function Knowledge({ shown }) {
  const [query, setQuery] = useState(lastQuestion);
  const [found, setFound] = useState({ query: null, items: [] });
  const [busy, setBusy] = useState(false);
  const language = spoken(shown);
  const isStale = query.trim() !== found.query;
  const turn = useRef(0); // the last question counts, whichever answer comes last
  const search = async () => {
    const asked = query.trim();
    if (!asked) return;
    const mine = ++turn.current;
    setBusy(true);
    try {
      const answer = await post("/articles/try", { query: asked, language });
      if (mine !== turn.current) return;
      const items = answer.hits.slice(0, SHOWN).map((hit, rank) => ({ ...hit, key: hit.article, isAnswer: answer.fits && rank === 0 }));
      setFound({ query: asked, items });
    } catch (problem) {
      if (mine !== turn.current) return;
      setFound({ query: null, items: [], failed: problem.code === "unavailable" });
      if (problem.code !== "unavailable") tellProblem(problem);
    }
    setBusy(false);
  };
  useEffect(() => {
    if (query.length > SHORTEST) search();
  }, []);
  const choose = (hit) => {
    closeTool();
    insert(quoted(hit.passage, hit.title, language));
  };
  const state = busy ? "busy" : found.failed ? "away" : isStale ? "start" : found.items.length ? "" : "none";
  return html`
    <${Picker} label=${t("knowledge.open")} placeholder=${t("knowledge.search")} query=${query} onQuery=${setQuery} isStale=${isStale} search=${search}
      items=${isStale ? [] : found.items} render=${(hit) => html`<${Hit} hit=${hit} isAnswer=${hit.isAnswer} />`} choose=${choose} note=${state && t(`knowledge.${state}`)}
      foot=${html`<span class="muted">${t("knowledge.hint")}</span><button type="button" class="small" data-testid="knowledge-search" disabled=${!query.trim()} onClick=${search}>${t("knowledge.open")}</button>`} />
  `;
}
