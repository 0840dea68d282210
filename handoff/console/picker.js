// A searchable list over the composer: words to search, arrows and Enter to choose, Escape to leave.
import { html, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { tool } from "/static/console/insert.js";
import { Icon } from "/static/console/icons.js";
import { t } from "/static/console/texts.js";

export function closeTool() {
  tool.value = null;
  document.getElementById("compose")?.focus();
}

/** The Enter that ends a word of an input method chooses nothing. */
export const composes = (event) => event.isComposing || event.keyCode === 229;

function useOutside(box) {
  useEffect(() => {
    const onPointer = (event) => {
      const isInside = box.current?.contains(event.target) || event.target.closest?.(".tools, dialog");
      if (!isInside) tool.value = null;
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, []);
}

/**
 * `items` with `key`; `render(item)` draws one and `choose(item, isOther)` takes it (`isOther`: with Alt). `search()`
 * is called by Enter while the words have not been searched for yet (`isStale`).
 */
export function Picker({ label, placeholder, query, onQuery, items, render, choose, isStale = false, search, note, foot }) {
  const [at, setAt] = useState(0);
  const box = useRef(null);
  useOutside(box);
  useEffect(() => {
    const input = box.current.querySelector("input");
    input.focus();
    input.select();
  }, []);
  useEffect(() => setAt(0), [query, items.length]);
  useEffect(() => box.current.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" }), [at]);
  const onKey = (event) => {
    if (composes(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") closeTool();
    else if (step && items.length) setAt((at + step + items.length) % items.length);
    else if (event.key === "Enter" && isStale) search();
    else if (event.key === "Enter" && items[at]) choose(items[at], event.altKey);
    else if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`
    <div class="picker" role="dialog" aria-label=${label} ref=${box} data-testid="picker">
      <div class="picker-head">
        <${Icon} name="search" size="16" />
        <input
          role="combobox" aria-expanded="true" aria-controls="picker-list" aria-activedescendant=${items[at] ? `pick-${items[at].key}` : undefined}
          aria-label=${placeholder} placeholder=${placeholder} autocomplete="off" maxlength="500" data-testid="picker-query"
          value=${query} onInput=${(event) => onQuery(event.target.value)} onKeyDown=${onKey}
        />
        <button type="button" class="quiet icon" aria-label=${t("close")} onClick=${closeTool}>×</button>
      </div>
      ${note && html`<p class="picker-note muted" role="status">${note}</p>`}
      <ul id="picker-list" role="listbox" aria-label=${label}>
        ${items.map((item, index) => html`
          <li key=${item.key} id="pick-${item.key}" role="option" aria-selected=${index === at} data-testid="pick" onPointerMove=${() => setAt(index)} onClick=${() => choose(item, false)}>${render(item)}</li>`)}
      </ul>
      ${foot && html`<footer>${foot}</footer>`}
    </div>
  `;
}
