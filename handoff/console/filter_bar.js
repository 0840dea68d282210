// Above the list: words that the server looks for, groups to choose from, and chips of what is chosen.
import { html, signal, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { chips, clear, GROUPS, isNarrowed, toggle, words, chosen } from "/static/console/filters.js";
import { Icon } from "/static/console/icons.js";
import { loadLists } from "/static/console/lists.js";
import { skillName } from "/static/console/team.js";
import { t } from "/static/console/texts.js";
import { tellProblem } from "/static/console/toasts.js";

const PAUSE = 250;
const isOpen = signal(false);

const nameOf = (group, value) => (group === "skill" ? skillName(value) : t(`${group}.${value}`));
const read = () => loadLists().catch(tellProblem);

function choose(group, value) {
  toggle(group, value);
  read();
}

function clearAll() {
  clear();
  read();
}

/** Asks once the typing pauses. */
function Search() {
  const [text, setText] = useState(words.value);
  const timer = useRef(null);
  useEffect(() => setText(words.value), [words.value]);
  const onInput = (event) => {
    const { value } = event.target;
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      words.value = value;
      read();
    }, PAUSE);
  };
  return html`
    <label class="filter">
      <${Icon} name="search" size="15" />
      <input type="search" id="search" data-testid="search" placeholder=${t("list.filter")} aria-label=${t("list.filter")} value=${text} onInput=${onInput} />
    </label>
  `;
}

function Group({ name }) {
  return html`
    <fieldset>
      <legend>${t(`filters.${name}`)}</legend>
      ${GROUPS[name].map(
        (value) => html`<button key=${value} class="chip" aria-pressed=${chosen.value[name]?.includes(value) ?? false} data-testid="filter-${value}" onClick=${() => choose(name, value)}>${nameOf(name, value)}</button>`,
      )}
    </fieldset>
  `;
}

function Chips() {
  if (!isNarrowed()) return null;
  return html`
    <div class="chips" data-testid="chips">
      ${chips().map(
        ([group, value]) => html`<button key=${value} class="chip on" aria-label=${t("filters.remove", { name: nameOf(group, value) })} onClick=${() => choose(group, value)}>${nameOf(group, value)}<span aria-hidden="true">×</span></button>`,
      )}
      <button class="link" data-testid="clear-filters" onClick=${clearAll}>${t("filters.clear")}</button>
    </div>
  `;
}

export function FilterBar() {
  const count = chips().length;
  return html`
    <div class="filter-bar">
      <${Search} />
      <button class="quiet icon ${count ? "on" : ""}" data-testid="filters" aria-expanded=${isOpen.value} aria-label=${t("filters.label")} title=${t("filters.label")} onClick=${() => (isOpen.value = !isOpen.value)}><${Icon} name="filter" size="17" /></button>
    </div>
    ${isOpen.value && html`<div class="filter-groups">${Object.keys(GROUPS).map((name) => html`<${Group} key=${name} name=${name} />`)}</div>`}
    <${Chips} />
  `;
}
