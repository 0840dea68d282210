// A draft answer to what the customer said last: offered quietly when it comes, or asked for; never sent by itself.
import { computed, effect, html, signal, untracked } from "/static/vendor/preact.js";
import { post } from "/static/console/api.js";
import { Icon } from "/static/console/icons.js";
import { insert, percent, quoted, spoken } from "/static/console/insert.js";
import { entries, isMine, pathOf, ticket } from "/static/console/store.js";
import { t } from "/static/console/texts.js";
import { tell, wordsFor } from "/static/console/toasts.js";

const SETTLES = 900; // a customer often says a thing in several messages

/** `{number, entry, found}` of the last asking; `found` is null when nothing fits. */
const offered = signal(null);
const busy = signal(false);

/** The customer's last message while nobody of ours has answered it; null otherwise. */
const open = computed(() => {
  if (!ticket.value || !isMine.value || ticket.value.status === "resolved") return null;
  const last = entries.value?.findLast((entry) => entry.kind === "message");
  return last?.direction === "inbound" ? last.id : null;
});

async function ask(isAsked) {
  const [number, entry] = [ticket.value.number, open.value];
  busy.value = isAsked;
  try {
    const found = await post(`${pathOf(number)}/suggestion`);
    if (ticket.value?.number === number) offered.value = { number, entry, found };
    if (isAsked && !found) tell(t("suggest.none"));
  } catch (problem) {
    // Nobody asked for the quiet one: its failure is nobody's business.
    if (isAsked && problem.status !== 401) tell(problem.code === "unavailable" ? t("suggest.away") : wordsFor(problem), "bad");
  }
  busy.value = false;
}

export const suggest = () => isMine.value && ticket.value?.status !== "resolved" && !busy.value && ask(true);

let waiting = null;
effect(() => {
  const entry = open.value;
  const number = ticket.value?.number;
  clearTimeout(waiting);
  if (entry === null || untracked(() => offered.value?.number === number && offered.value.entry === entry)) return;
  waiting = setTimeout(() => ticket.value?.number === number && open.value === entry && ask(false), SETTLES);
});

export function Suggestion({ shown }) {
  const offer = offered.value;
  const isCurrent = offer?.number === shown.number && offer.entry === open.value && offer.found;
  if (busy.value) return html`<p class="suggestion busy" role="status"><${Icon} name="bot" size="16" />${t("suggest.busy")}</p>`;
  if (!isCurrent) return null;
  const { text, source, confidence } = offer.found;
  const leave = () => (offered.value = { ...offer, found: null });
  const take = () => {
    leave();
    insert(quoted(text, source.title, spoken(shown)));
  };
  return html`
    <section class="suggestion" data-testid="suggestion" aria-live="polite" aria-label=${t("suggest.title")}>
      <${Icon} name="bot" size="16" />
      <div><p class="pick-text">${text}</p><p class="muted">${t("suggest.source", { title: source.title, percent: percent(confidence) })}</p></div>
      <button type="button" class="small" data-testid="take-suggestion" onClick=${take}>${t("suggest.insert")}</button>
      <button type="button" class="quiet icon" aria-label=${t("suggest.dismiss")} title=${t("suggest.dismiss")} onClick=${leave}>×</button>
    </section>
  `;
}
