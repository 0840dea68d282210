// What happened to a ticket, in words: who, when, what.
import { html } from "/static/vendor/preact.js";
import { clockTime, dayName, fullTime } from "/static/console/format.js";
import { ticket } from "/static/console/store.js";
import { agentName, skillName } from "/static/console/team.js";
import { has, t } from "/static/console/texts.js";

/** An event in a sentence. */
export function inWords({ kind, agent, details = {} }) {
  const values = {
    name: agent?.name ?? t("event.somebody"),
    skill: skillName(details.skill),
    to: agentName(details.to) || t("event.somebody"),
    into: details.into,
    other: details.other,
    rating: details.rating,
    outcome: has(`outcome.${details.outcome}`) ? t(`outcome.${details.outcome}`) : details.outcome,
    step: details.task ? t(`step.${details.task}`) : "",
    result: details.result ? t(`step.result.${details.result}`) : "",
  };
  const isSelf = kind === "assigned" && agent && details.to === agent.id;
  const key = isSelf ? "event.taken_over" : `event.${kind}`;
  return has(key) ? t(key, values) : kind.replaceAll("_", " ");
}

export function History() {
  const events = ticket.value.events.toReversed();
  return html`
    <ol class="history" data-testid="history">
      ${events.map(
        (event) => html`
          <li key=${event.id} class="event-${event.kind}">
            <time datetime=${event.occurred_at} title=${fullTime(event.occurred_at)}>${dayName(event.occurred_at)} ${clockTime(event.occurred_at)}</time>
            <div><p>${inWords(event)}</p>${event.text && html`<p class="words muted">${event.text}</p>`}</div>
          </li>
        `,
      )}
    </ol>
  `;
}
