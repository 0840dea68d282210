// What the bot may have misunderstood: label one after the other by keyboard, look at what was done, export.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { Dialog } from "/static/console/resolve.js";
import { tell } from "/static/console/toasts.js";
import { Choice, Select } from "/static/console/sections/kit.js";
import { label, listItems, readCounts, readVocabulary, skip, skipAll, t, tellFailure, undo } from "/static/console/sections/review/calls.js";
import { Card } from "/static/console/sections/review/card.js";
import { Done } from "/static/console/sections/review/done.js";
import { Exports } from "/static/console/sections/review/exports.js";

const STATES = ["open", "labelled", "skipped"];
const REASONS = ["not_understood", "unsure", "corrected", "rephrased", "asked_for_human", "out_of_scope"];
const LANGUAGES = ["zh-Hans", "zh-Hant", "en"];
const CHANNELS = ["wechat", "sms", "web"];
const FEW = 5;
const MOST_AT_ONCE = 200;

function Filters({ filters, change }) {
  const choose = (name, values) => html`
    <${Select} label=${t(`any.${name}`)} value=${filters[name]} testid="review-${name}" onChange=${(value) => change({ ...filters, [name]: value })} options=${[["", t(`any.${name}`)], ...values.map((one) => [one, t(`${name}.${one}`)])]} />
  `;
  return html`${choose("reason", REASONS)}${choose("language", LANGUAGES)}${choose("channel", CHANNELS)}`;
}

function Progress({ done, open, undone, mayUndo }) {
  return html`
    <div class="review-progress">
      <progress max=${done + open || 1} value=${done} aria-label=${t("progress")}></progress>
      <span class="number" data-testid="review-progress">${t("of", { done, all: done + open })}</span>
      <button class="small" data-testid="review-undo" disabled=${!mayUndo} onClick=${undone}>${t("undo")} <kbd>Ctrl Z</kbd></button>
    </div>
  `;
}

/** The open ones that fit, the first being worked on; more are fetched before they run out. */
function useQueue(filters) {
  const [queue, setQueue] = useState(null);
  const load = async () => {
    setQueue(null);
    setQueue(await listItems(filters).catch((problem) => (tellFailure(problem), { items: [], next: null })));
  };
  useEffect(() => void load(), [JSON.stringify(filters)]);
  useEffect(() => {
    if (!queue?.next || queue.items.length >= FEW) return;
    listItems(filters, queue.next).then((page) => setQueue((now) => ({ next: page.next, items: [...now.items, ...page.items.filter((one) => !now.items.some((known) => known.id === one.id))] }))).catch(tellFailure);
  }, [queue?.next, queue?.items.length]);
  return [queue, setQueue, load];
}

function Work({ filters, counts, recount, vocabulary }) {
  const [queue, setQueue, load] = useQueue(filters);
  const [past, setPast] = useState([]);
  const [busy, setBusy] = useState(false);
  const [asked, ask] = useState(false);
  const item = queue?.items[0];

  async function attempt(work) {
    if (busy) return;
    setBusy(true);
    try {
      await work();
    } catch (problem) {
      tellFailure(problem);
      if (problem.status === 409 || problem.status === 404) await load(); // somebody else was quicker
    }
    setBusy(false);
    recount();
  }
  const leave = (changed, alike = 0) => {
    setPast([...past, { ...item, version: changed.version }]);
    setQueue({ ...queue, items: queue.items.slice(1) });
    if (alike) load(); // others left the list with it
  };
  const save = (body) => attempt(async () => {
    const changed = await label(item, body);
    leave(changed, changed.also_labelled);
    if (changed.also_labelled) tell(t("also", { count: changed.also_labelled }));
  });
  const aside = () => attempt(async () => leave(await skip(item)));
  const back = () => past.length && attempt(async () => {
    setPast(past.slice(0, -1));
    const opened = await undo(past.at(-1));
    setQueue({ ...queue, items: [opened, ...queue.items] });
  });
  const allAside = () => attempt(async () => {
    ask(false);
    const { items } = await listItems(filters, "", MOST_AT_ONCE);
    const { skipped } = await skipAll(items.map((one) => one.id));
    tell(t("skipped_all", { count: skipped.length }));
    await load();
  });

  if (!queue || !vocabulary) return html`<p class="muted">${t("loading")}</p>`;
  const count = `${queue.items.length}${queue.next ? "+" : ""}`;
  const isNarrow = filters.reason || filters.language || filters.channel;
  return html`
    <${Progress} done=${past.length} open=${counts?.open ?? queue.items.length} undone=${back} mayUndo=${past.length > 0 && !busy} />
    ${item
      ? html`<${Card} key=${`${item.id}.${item.version}`} item=${item} vocabulary=${vocabulary} save=${save} aside=${aside} undo=${back} busy=${busy} />`
      : html`<div class="card empty" data-testid="review-empty"><strong>${t(isNarrow ? "none_here" : "none")}</strong><span class="muted">${!isNarrow && t("none_hint")}</span></div>`}
    ${item && html`<p class="muted review-keys">${t("keys")}${isNarrow && html` <button class="link" data-testid="review-skip-all" onClick=${() => ask(true)}>${t("skip_all", { count })}</button>`}</p>`}
    ${asked && html`
      <${Dialog} title=${t("skip_all", { count })} onClose=${() => ask(false)}>
        <form onSubmit=${(event) => (event.preventDefault(), allAside())}>
          <p class="muted">${t("skip_all_lead")}</p>
          <footer><button type="button" onClick=${() => ask(false)}>${t("cancel")}</button><button class="primary" data-testid="review-sure">${t("yes")}</button></footer>
        </form>
      <//>`}
  `;
}

export function Page() {
  const [state, setState] = useState("open");
  const [filters, setFilters] = useState({ reason: "", language: "", channel: "" });
  const [counts, setCounts] = useState(null);
  const [vocabulary, setVocabulary] = useState(null);
  const [exporting, setExporting] = useState(false);
  const recount = () => readCounts().then(setCounts).catch(tellFailure);
  useEffect(() => {
    recount();
    readVocabulary().then(setVocabulary).catch(tellFailure);
  }, []);
  const all = { ...filters, state };
  return html`
    <div class="page review">
      <header class="page-head">
        <h2>${t("title")}</h2>
        <${Choice} label=${t("view")} value=${state} onChange=${setState} testid="review-state" options=${STATES.map((one) => [one, t(`state.${one}`)])} />
        <${Filters} filters=${filters} change=${setFilters} />
        <button data-testid="review-exports" onClick=${() => setExporting(true)}>${t("exports")}${counts?.labelled ? html` <span class="pill good">${counts.labelled}</span>` : ""}</button>
        <p>${t("lead")}</p>
      </header>
      ${state === "open" ? html`<${Work} key=${JSON.stringify(all)} filters=${all} counts=${counts} recount=${recount} vocabulary=${vocabulary} />` : html`<${Done} filters=${all} changed=${recount} />`}
      ${exporting && html`<${Exports} count=${counts?.labelled ?? 0} changed=${recount} close=${() => setExporting(false)} />`}
    </div>
  `;
}
