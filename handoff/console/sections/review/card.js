// One message: what was said around it, what the bot thought, and the label.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { fullTime } from "/static/console/format.js";
import { intentName, readItem, t, tellFailure } from "/static/console/sections/review/calls.js";
import { candidates, MOST, Picker } from "/static/console/sections/review/picker.js";
import { Wording } from "/static/console/sections/review/wording.js";

function Facts({ item }) {
  return html`
    <div class="review-facts">
      ${item.reasons.map((reason) => html`<span key=${reason} class="pill warn" title=${t(`why.${reason}`)}>${t(`reason.${reason}`)}</span>`)}
      <span class="muted">${t(`channel.${item.channel}`)} · ${t(`language.${item.language}`)} · ${fullTime(item.said_at)}${item.model ? ` · ${t("model", { model: item.model })}` : ""}</span>
    </div>
  `;
}

function Understood({ item }) {
  const share = Math.round((item.confidence ?? 0) * 100);
  return html`
    <p class="review-understood" data-testid="review-understood">
      <span class="muted">${t("understood")}</span> <strong>${intentName(item.intent)}</strong>
      <meter min="0" max="100" low="50" high="75" optimum="100" value=${share} aria-label=${t("confidence")}></meter> <span class="number">${share} %</span>
    </p>
  `;
}

function Context({ lines }) {
  return html`
    <section class="card review-context" aria-label=${t("context")}>
      <h3>${t("context")}</h3>
      <ol>
        ${lines.map((line, place) => html`<li key=${place} class="said-${line.speaker} ${line.is_this ? "is-this" : ""}"><span class="muted">${t(`speaker.${line.speaker}`)}</span><p>${line.text}</p></li>`)}
      </ol>
    </section>
  `;
}

/** The keys that work wherever the focus is, but in the wording. `done` labels, `aside` skips. */
function useKeys(acts) {
  useEffect(() => {
    const onKey = (event) => {
      if (event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
      const place = event.target;
      const isFinding = place.matches("[data-testid=review-find]");
      const wantsUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
      if (!isFinding && (place.matches("textarea, select, input, a") || (place.matches("button") && event.key === "Enter"))) return;
      if (wantsUndo && isFinding && place.value) return;
      if ((event.ctrlKey || event.metaKey) && !wantsUndo) return;
      const act = wantsUndo ? acts.undo : acts.of(event.key);
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}

export function Card({ item, vocabulary, save, aside, undo, busy }) {
  const [more, setMore] = useState(null);
  const [draft, setDraft] = useState({ text: item.text, marks: item.entities });
  const [typed, setTyped] = useState("");
  const [picked, pick] = useState(null);
  const [withAlike, setWithAlike] = useState(true);
  useEffect(() => {
    let isCurrent = true;
    readItem(item.id).then((read) => isCurrent && setMore(read)).catch(tellFailure);
    return () => (isCurrent = false);
  }, [item.id]);

  const found = candidates(item, vocabulary.intents, typed);
  const chosen = found.includes(picked) ? picked : found[0];
  const done = () => chosen && !busy && save({ intent: chosen, entities: draft.marks, also_alike: Boolean(more?.alike && withAlike), ...(draft.text === item.text ? {} : { text: draft.text }) });
  const step = (by) => pick(found[Math.min(Math.max(found.indexOf(chosen) + by, 0), found.length - 1)]);
  const keys = { Enter: done, ArrowDown: () => step(1), ArrowUp: () => step(-1), "-": aside, Escape: () => setTyped("") };
  const of = (key) => keys[key] ?? (/^[1-9]$/.test(key) && found[key - 1] && key <= MOST ? () => pick(found[key - 1]) : null);
  useKeys({ of, undo });
  return html`
    <div class="review-one">
      <section class="card" data-testid="review-card">
        <${Facts} item=${item} />
        <${Wording} ...${draft} entities=${vocabulary.entities} change=${(changes) => setDraft({ ...draft, ...changes })} />
        <${Understood} item=${item} />
        <${Picker} item=${item} found=${found} typed=${typed} type=${setTyped} chosen=${chosen} choose=${pick} />
        ${more?.alike > 0 && html`<label class="review-alike"><input type="checkbox" checked=${withAlike} onChange=${(event) => setWithAlike(event.target.checked)} /> ${t("alike", { count: more.alike })}</label>`}
        <footer class="toolbar">
          <button class="quiet" data-testid="review-skip" disabled=${busy} onClick=${aside}>${t("skip")} <kbd>-</kbd></button>
          <span class="space"></span>
          <button class="primary" data-testid="review-label" disabled=${busy || !chosen} onClick=${done}>${t("label", { intent: intentName(chosen) })} <kbd>Enter</kbd></button>
        </footer>
      </section>
      ${more ? html`<${Context} lines=${more.context} />` : html`<section class="card review-context"><p class="muted">${t("loading")}</p></section>`}
    </div>
  `;
}
