// Work beside the conversation: a change request, a claim or a report in the customer's column, as its own page shows it.
import { effect, html, signal, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { Icon } from "/static/console/icons.js";
import { readPerson } from "/static/console/person.js";
import { addSheet } from "/static/console/sections.js";
import { panel } from "/static/console/shortcuts.js";
import { currentNumber, refreshOne } from "/static/console/store.js";
import { t } from "/static/console/texts.js";
import { tellProblem } from "/static/console/toasts.js";

/** What is worked on, `{kind, id}`; null when the column shows the customer. */
const work = signal(null);

/** Each kind's page, and the part of it that is shown. */
const KINDS = {
  change: { section: "changes", page: (id) => `changes/${id}`, load: async () => (await import("/static/console/sections/changes/one.js")).One, given: (id) => ({ number: id }) },
  claim: { section: "claims", page: (id) => `claims/${id}`, load: async () => (await import("/static/console/sections/claims/detail.js")).Detail, given: (id) => ({ number: id }) },
  report: { section: "claims", page: (id) => `claims/new/${id}`, load: async () => (await import("/static/console/sections/claims/draft.js")).Editor, given: (id) => ({ customer: id }) },
};

export const isWorking = () => work.value !== null;

export function workOn(kind, id) {
  work.value = { kind, id };
  panel.value = true;
}

effect(() => {
  void currentNumber.value;
  work.value = null;
});

/** The record moved: the column shows it, and so do the ticket and the lists. */
function moved() {
  readPerson();
  if (currentNumber.value) refreshOne(currentNumber.value).catch(() => {}); // the page reads everything again before long
}

let opener = null;
let leftFrom = null;

function leave() {
  leftFrom = work.value && `${work.value.kind}-${work.value.id}`;
  work.value = null;
}

/** Back at the customer, the keyboard goes on where it left: the column's own buttons have been drawn anew. */
export function useReturn() {
  useEffect(() => {
    const drawnAnew = leftFrom && document.querySelector(`.person [data-opens="${leftFrom}"]`);
    if (leftFrom) (opener?.isConnected ? opener : drawnAnew)?.focus();
    leftFrom = null;
  }, []);
}

/** Opens it in the column. */
export function Opens({ kind, id, children, ...rest }) {
  const onClick = (event) => {
    opener = event.currentTarget;
    workOn(kind, id);
  };
  return html`<button type="button" class="link" data-opens="${kind}-${id}" onClick=${onClick} ...${rest}>${children}</button>`;
}

function leaveOnEscape(event) {
  if (event.key !== "Escape" || event.target.closest("dialog, input, textarea, select")) return;
  event.stopPropagation();
  leave();
}

function Part({ kind, id }) {
  const { section, load, given } = KINDS[kind];
  const [View, setView] = useState(null);
  useEffect(() => {
    let isCurrent = true;
    addSheet(section);
    load().then((found) => isCurrent && setView(() => found), tellProblem);
    return () => (isCurrent = false);
  }, []);
  if (!View) return html`<p class="muted loading">${t("loading")}</p>`;
  const reported = (number) => (moved(), workOn("claim", number));
  return html`<${View} ...${given(id)} isBeside=${true} onChanged=${moved} onSaved=${moved} onReported=${reported} onLeave=${() => (moved(), leave())} />`;
}

/** The column while something is worked on. */
export function Beside() {
  const { kind, id } = work.value;
  const back = useRef(null);
  useEffect(() => back.current.focus(), [kind, id]);
  return html`
    <section class="beside-work" data-testid="beside" aria-label=${t(`panel.work.${kind}`)} onKeyDown=${leaveOnEscape}>
      <div class="beside-top">
        <button type="button" class="quiet" ref=${back} data-testid="beside-back" onClick=${leave}><${Icon} name="back" size="16" />${t("panel.back")}</button>
        <a href="#${KINDS[kind].page(id)}">${t("panel.whole_page")}</a>
      </div>
      <div class="page ${KINDS[kind].section}"><${Part} key="${kind}-${id}" kind=${kind} id=${id} /></div>
    </section>
  `;
}
