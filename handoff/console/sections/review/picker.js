// Finding the intent: by number, by arrow, or by typing a part of its name.
import { html, useEffect, useRef } from "/static/vendor/preact.js";
import { fits, intentName, t } from "/static/console/sections/review/calls.js";

export const MOST = 9;

/** The likeliest first: what the customer did next, what the model thought, then the others that fit what is typed. */
export function candidates(item, intents, typed) {
  const likely = [item.suggested, ...item.guesses.map((guess) => guess.intent), item.intent].filter((one) => intents.includes(one));
  const ordered = [...new Set([...likely, ...intents])];
  return ordered.filter((intent) => fits(intent, typed));
}

function Hint({ intent, item }) {
  if (intent === item.suggested) return html`<span class="pill good">${t("suggested")}</span>`;
  const guess = item.guesses.find((one) => one.intent === intent) ?? (intent === item.intent ? item : null);
  return guess ? html`<span class="muted number">${Math.round(guess.confidence * 100)} %</span>` : null;
}

export function Picker({ item, found, typed, type, chosen, choose }) {
  const input = useRef(null);
  const list = useRef(null);
  useEffect(() => input.current.focus({ preventScroll: true }), [item.id]);
  useEffect(() => list.current.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" }), [chosen]);
  return html`
    <div class="review-picker">
      <input
        ref=${input} role="combobox" aria-expanded="true" aria-controls="review-intents" aria-activedescendant=${found.length ? `intent-${chosen}` : undefined}
        aria-label=${t("intent")} placeholder=${t("type")} data-testid="review-find" autocomplete="off" spellcheck="false" value=${typed} onInput=${(event) => type(event.target.value)}
      />
      <ul id="review-intents" role="listbox" aria-label=${t("intent")} ref=${list}>
        ${found.map(
          (intent, place) => html`
            <li key=${intent} id="intent-${intent}" role="option" aria-selected=${intent === chosen} data-testid="intent-${intent}" onClick=${() => choose(intent)}>
              <kbd>${place < MOST ? place + 1 : ""}</kbd><span class="review-name">${intentName(intent)}</span><code class="muted">${intent}</code><${Hint} intent=${intent} item=${item} />
            </li>
          `,
        )}
      </ul>
      ${!found.length && html`<p class="muted">${t("no_intent")}</p>`}
    </div>
  `;
}
