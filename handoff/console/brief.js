// What an agent should know at a glance: the matter, what it is about, what the bot did, how it ended.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { get } from "/static/console/api.js";
import { Opens } from "/static/console/beside.js";
import { clockTime, dayName, summaryOf } from "/static/console/format.js";
import { Icon } from "/static/console/icons.js";
import { intents } from "/static/console/sections/reports/texts.intents.js";
import { open, ticket } from "/static/console/store.js";
import { language, t } from "/static/console/texts.js";

/** Worked on beside the conversation; policies are shown with their holder. */
const IN_PLACE = { claim: "claim", change_request: "change" };

function Link({ about }) {
  const customer = ticket.value.customer?.id;
  const words = html`<${Icon} name=${about.kind} size="14" />${t(`brief.${about.kind}`)} <b class="number">${about.number}</b>`;
  if (IN_PLACE[about.kind]) return html`<${Opens} kind=${IN_PLACE[about.kind]} id=${about.number} class="about">${words}<//>`;
  return customer ? html`<a class="about" href="#customers/${customer}">${words}</a>` : html`<span class="about">${words}</span>`;
}

function About({ shown }) {
  if (!shown.links.length) return null;
  return html`<div class="brief-line"><dt>${t("brief.about")}</dt><dd>${shown.links.map((about) => html`<${Link} key=${about.number} about=${about} />`)}</dd></div>`;
}

/** What an intent of the bot is called here. */
export const intentName = (intent) => intents[language.value][intent] ?? intent.replaceAll("_", " ");

function BotDid({ shown }) {
  const steps = shown.brief.bot_did ?? [];
  if (!steps.length) return null;
  return html`<div class="brief-line"><dt>${t("brief.bot_did")}</dt><dd class="steps">${steps.map((step, index) => html`<span key=${index}>${intentName(step)}</span>`)}</dd></div>`;
}

function Asked({ shown }) {
  const { asked } = shown.brief;
  return asked && !shown.summary.includes(asked) ? html`<div class="brief-line"><dt>${t("brief.asked")}</dt><dd>${asked}</dd></div>` : null;
}

function useComplaint(shown) {
  const [entry, setEntry] = useState(null);
  useEffect(() => {
    if (shown.kind === "complaint") get(`/complaints/${encodeURIComponent(shown.number)}`).then(setEntry, () => setEntry(null));
  }, [shown.number, shown.proposed_at]);
  return entry;
}

function Complaint({ shown }) {
  const entry = useComplaint(shown);
  if (!entry) return null;
  const time = (moment) => (moment ? `${dayName(moment)} ${clockTime(moment)}` : "");
  const proposal = entry.proposed_at ? t("brief.proposed", { time: time(entry.proposed_at) }) : t("brief.proposal_due", { time: time(entry.proposal_due_at) });
  return html`
    <div class="brief-line" data-testid="complaint">
      <dt>${t("kind.complaint")}</dt>
      <dd>
        <a class="about" href="#complaints/${shown.number}">${t(`brief.category.${entry.category}`)} · ${t(`brief.severity.${entry.severity}`)}</a>
        <span class="muted">${proposal}</span>
      </dd>
    </div>
  `;
}

const LEVELS = [1, 2, 3, 4, 5];

function Rating({ answer }) {
  if (!answer) return null;
  if (answer.rating === null) return html`<p class="rating muted" data-testid="rating">${t("brief.not_rated")}</p>`;
  return html`
    <p class="rating rated-${answer.rating}" data-testid="rating">
      <span role="img" aria-label=${t("brief.rated", { rating: answer.rating })}>${LEVELS.map((level) => html`<i key=${level} class=${level <= answer.rating ? "on" : ""}>★</i>`)}</span>
      <b>${t("brief.rated", { rating: answer.rating })}</b>
      ${answer.comment && html`<q>${answer.comment}</q>`}
    </p>
  `;
}

function MergedInto({ number }) {
  if (!number) return null;
  return html`<p class="merged">${t("brief.merged_into")} <button class="link number" data-testid="merged-into" onClick=${() => open(number)}>${number}</button></p>`;
}

const STORED = "anda.console.brief";

/** Open or folded, as the agent left it; folded at first where there is little room. */
export function Brief({ shown }) {
  const isOpen = (localStorage.getItem(STORED) ?? (innerHeight > 760 ? "open" : "folded")) === "open";
  const remember = (event) => localStorage.setItem(STORED, event.target.open ? "open" : "folded");
  return html`
    <section class="brief" aria-label=${t("talk.summary")} data-testid="brief">
      <details open=${isOpen} onToggle=${remember}>
        <summary><strong>${t("talk.summary")}</strong><span>${summaryOf(shown)}</span></summary>
        <dl>
          <${Asked} shown=${shown} />
          <${About} shown=${shown} />
          <${BotDid} shown=${shown} />
          <${Complaint} shown=${shown} />
        </dl>
      </details>
      <${MergedInto} number=${shown.merged_into} />
      <${Rating} answer=${shown.satisfaction} />
    </section>
  `;
}
