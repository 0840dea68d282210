// What was said and done in a conversation, by day, with private notes and replies on their way among it.
import { html } from "/static/vendor/preact.js";
import { intentName } from "/static/console/brief.js";
import { clockTime, dayName, dayOf, fullTime } from "/static/console/format.js";
import { inWords } from "/static/console/history.js";
import { Icon } from "/static/console/icons.js";
import { Leaving, Media } from "/static/console/media.js";
import { discard, sendAgain, stillLeaving } from "/static/console/sending.js";
import { currentNumber, entries, me, ticket } from "/static/console/store.js";
import { has, t } from "/static/console/texts.js";

const HIDDEN = /⟦(\w+):[^⟧]*⟧/g;
const EVENTS = new Set([
  ...["accepted", "assigned", "transferred", "given_back", "waiting", "continued", "customer_answered", "merged", "absorbed"],
  ...["resolved", "reopened", "breached", "proposed", "rated", "bot_task_begun", "bot_task_ended"],
]);

// What is shown of an entry or event stays the same object while that does, so that it is not drawn again.
const made = new WeakMap();
function madeOf(thing, make) {
  if (!made.has(thing)) made.set(thing, make(thing));
  return made.get(thing);
}

const ofEntry = (entry) => ({ type: "entry", at: entry.occurred_at, time: Date.parse(entry.occurred_at), entry, key: `e${entry.id}` });
const ofEvent = (event) => ({
  ...{ type: event.kind === "note" ? "note" : "event", at: event.occurred_at, time: Date.parse(event.occurred_at) },
  ...{ event, key: `t${event.id}` },
});
// The ticket's event says the same in words.
const isSaidByEvent = (entry) => entry.kind === "action" && entry.details?.bot_task;

/** Entries, notes, events and unsent replies in the order they happened. */
export function timeline() {
  const said = (entries.value ?? []).filter((entry) => !isSaidByEvent(entry)).map((entry) => madeOf(entry, ofEntry));
  const done = (ticket.value?.events ?? []).filter((event) => event.kind === "note" || EVENTS.has(event.kind)).map((event) => madeOf(event, ofEvent));
  const items = [...said, ...done].sort((a, b) => a.time - b.time);
  const leaving = stillLeaving(currentNumber.value, entries.value ?? []).map((message) => ({
    type: "unsent",
    at: message.at,
    message,
    key: `u${message.key}`,
  }));
  return [...items, ...leaving];
}

/** Text with references to hidden numbers shown as what they are. */
function Words({ text }) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(HIDDEN)) {
    const key = `talk.hidden.${found[1]}`;
    parts.push(text.slice(end, found.index));
    parts.push(html`<span class="hidden-number"><${Icon} name="lock" size="12" />${t(has(key) ? key : "talk.hidden.other")}</span>`);
    end = found.index + found[0].length;
  }
  return html`<span class="words">${parts}${text.slice(end)}</span>`;
}

function Intent({ entry }) {
  if (!entry.intent || entry.speaker !== "customer") return null;
  const sure = entry.confidence === null ? "" : `${Math.round(entry.confidence * 100)}%`;
  return html`<span class="intent ${entry.confidence < 0.6 ? "unsure" : ""}">${intentName(entry.intent)} <b>${sure}</b></span>`;
}

function Delivery({ state, error }) {
  if (!state) return null;
  const shown = state === "sending" ? "queued" : state;
  return html`<span class="delivery ${shown}" title=${error ?? ""}>${t(`delivery.${shown}`)}</span>`;
}

function speakerOf(entry) {
  if (entry.speaker === "agent") return entry.agent?.id === me.value?.id ? t("speaker.you") : (entry.agent?.name ?? t("speaker.agent"));
  if (entry.speaker === "customer") return ticket.value?.customer?.name ?? t("speaker.customer");
  return t(`speaker.${entry.speaker}`);
}

function Choices({ details }) {
  const choices = details?.choices ?? details?.buttons ?? [];
  if (!choices.length) return null;
  return html`<span class="choices">${choices.map((choice) => choice.title ?? choice).map((title) => html`<span key=${title}>${title}</span>`)}</span>`;
}

function Bubble({ entry, follows }) {
  const label = has(`entry.${entry.kind}`) ? t(`entry.${entry.kind}`) : "";
  return html`
    <article class="bubble-row ${entry.speaker} ${follows ? "follows" : ""}" data-testid="bubble" data-speaker=${entry.speaker}>
      ${!follows && html`<header><span class="speaker">${speakerOf(entry)}</span>${label && html`<span class="entry-kind">${label}</span>`}</header>`}
      <${Media} items=${entry.details?.media} />
      ${(entry.text || !entry.details?.media) && html`<div class="bubble"><${Words} text=${entry.text} /><${Choices} details=${entry.details} /></div>`}
      <footer>
        <${Intent} entry=${entry} />
        <time datetime=${entry.occurred_at} title=${fullTime(entry.occurred_at)}>${clockTime(entry.occurred_at)}</time>
        ${entry.segments > 1 && html`<span>${t("talk.segments", { count: entry.segments })}</span>`}
        ${entry.direction === "outbound" && html`<${Delivery} state=${entry.delivery} error=${entry.delivery_error} />`}
      </footer>
    </article>
  `;
}

function Line({ moment, kind = "", children }) {
  return html`<p class="line ${kind}"><span>${children}</span><time datetime=${moment}>${clockTime(moment)}</time></p>`;
}

function Entry({ entry, follows }) {
  if (entry.kind === "handoff") return html`<${Line} moment=${entry.occurred_at}>${t("talk.handoff", { number: entry.text })}<//>`;
  if (entry.direction === "internal" || entry.kind === "event") {
    return html`<${Line} moment=${entry.occurred_at}>${entry.text || t(`entry.${entry.kind}`)}<//>`;
  }
  return html`<${Bubble} entry=${entry} follows=${follows} />`;
}

function Note({ event }) {
  return html`
    <article class="note" data-testid="note">
      <header><${Icon} name="note" size="14" />${t("compose.note")} · ${event.agent?.name ?? ""}<time datetime=${event.occurred_at}>${clockTime(event.occurred_at)}</time></header>
      <p class="words">${event.text}</p>
    </article>
  `;
}

function Unsent({ message }) {
  return html`
    <article class="bubble-row agent ${message.state}" data-testid="bubble" data-speaker="agent">
      <header><span class="speaker">${t("speaker.you")}</span></header>
      ${message.file ? html`<${Leaving} message=${message} />` : html`<div class="bubble"><${Words} text=${message.text} /></div>`}
      <footer>
        ${message.state === "failed"
          ? html`
              <span class="delivery failed">${t("compose.failed")}</span>
              <button class="link" onClick=${() => sendAgain(message.key)}>${t("retry")}</button>
              <button class="link" onClick=${() => discard(message.key)}>${t("discard")}</button>
            `
          : html`<span class="delivery sending">${t("delivery.sending")}</span>`}
      </footer>
    </article>
  `;
}

function Item({ item, before }) {
  if (item.type === "note") return html`<${Note} event=${item.event} />`;
  if (item.type === "unsent") return html`<${Unsent} message=${item.message} />`;
  if (item.type === "event") {
    return html`<${Line} moment=${item.at} kind=${item.event.kind}>${inWords(item.event)}<//>`;
  }
  const last = before?.entry;
  const follows = last?.speaker === item.entry.speaker && last.agent?.id === item.entry.agent?.id && last.kind === item.entry.kind && Date.parse(item.at) - Date.parse(before.at) < 180000;
  return html`<${Entry} entry=${item.entry} follows=${follows} />`;
}

export function Timeline({ items }) {
  return items.map((item, index) => {
    const isNewDay = index === 0 || dayOf(items[index - 1].at) !== dayOf(item.at);
    return html`
      ${isNewDay && html`<p class="day" key="day-${item.key}"><span>${dayName(item.at)}</span></p>`}
      <${Item} item=${item} before=${isNewDay ? undefined : items[index - 1]} key=${item.key} />
    `;
  });
}
