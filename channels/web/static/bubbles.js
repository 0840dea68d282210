// What was said: groups of bubbles, who speaks, when, and what became of it.

import { html, useState } from "/static/vendor/preact.js";
import { Attachment } from "./attachments.js";
import { Cards } from "./cards.js";
import { clockTime, dayName, language, t } from "./language.js";
import { retry } from "./outbox.js";
import { status, typing } from "./state.js";

const LONG = 1500;

// References stand for numbers that were encrypted at the door.
function readable(item) {
  if (item.direction === "in" && item.type && item.type !== "text" && !item.text) return t("types")[item.type] ?? "";
  return item.text.replace(/⟦(id|bank|otp):[0-9a-f]+⟧/g, (_, kind) => t(`hidden_${kind}`));
}

function Words({ item }) {
  const [isOpen, setOpen] = useState(false);
  const text = readable(item);
  if (!text) return null;
  if (text.length <= LONG) return html`<p class="words">${text}</p>`;
  return html`
    <p class="words">${isOpen ? text : `${text.slice(0, LONG)}…`}</p>
    <button type="button" class="link" onClick=${() => setOpen(!isOpen)}>${t(isOpen ? "less" : "more")}</button>`;
}

const MARKS = { sent: "✓ ", read: "✓✓ " };

function State({ item }) {
  if (item.direction !== "in" || !item.state) return null;
  const isUpload = Boolean(item.media);
  const isPending = ["sending", "queued", "uploading"].includes(item.state);
  const state = status.value !== "online" && isPending ? "waiting" : item.state;
  const isFailed = state === "failed";
  if (isUpload && !MARKS[state]) return null; // the file itself says how far it is
  const reason = item.reason && t(item.reason);
  const words = state === "waiting" && reason ? reason : [t(state), reason].filter(Boolean).join(" · ");
  return html`
    <span class=${isFailed ? "delivery failed" : "delivery"} data-state=${state} data-testid="delivery">
      ${MARKS[state] && html`<span aria-hidden="true">${MARKS[state]}</span>`}${words}
      ${isFailed && item.canRetry && html` <button type="button" class="link" onClick=${() => retry(item.message_id)}>${t("retry")}</button>`}
    </span>`;
}

function Bubble({ item }) {
  const testid = item.direction === "in" ? "message-out" : "message-in";
  const other = item.language && item.language !== language.value ? item.language : null;
  if (item.media?.length) {
    return html`
      <div class="handed" data-testid=${testid} data-id=${item.message_id} data-kind=${item.kind}>
        ${item.media.map((media) => html`<${Attachment} key=${media.media_id ?? item.message_id} item=${item} media=${media} />`)}
        ${item.text && html`<div class="bubble"><${Words} item=${item} /></div>`}
      </div>`;
  }
  return html`
    <div class="bubble" data-testid=${testid} data-id=${item.message_id} data-kind=${item.kind} lang=${other}>
      <${Words} item=${item} />
      <${Cards} attachment=${item.attachment} />
    </div>`;
}

function speakerOf(item) {
  if (item.direction === "in") return t("you");
  if (item.speaker === "agent") return item.agent ?? t("agent");
  return t(item.speaker === "system" ? "system" : "bot");
}

function Avatar({ item }) {
  if (item.direction === "in") return null;
  if (item.speaker === "agent") return html`<span class="avatar person" aria-hidden="true">${speakerOf(item).slice(0, 1)}</span>`;
  return html`<img class="avatar" src="/static/web/mark.svg" alt="" width="32" height="32" />`;
}

export function Group({ group }) {
  const [first] = group.items;
  const last = group.items.at(-1);
  const who = first.direction === "in" ? "mine" : first.speaker;
  return html`
    ${group.day && html`<p class="day"><span>${dayName(group.day)}</span></p>`}
    <div class="group ${who}">
      <${Avatar} item=${first} />
      <div class="said">
        <p class=${who === "mine" ? "speaker unseen" : "speaker"}>
          ${speakerOf(first)}${first.speaker === "agent" && first.agent && html`<span class="badge">${t("is_agent")}</span>`}
        </p>
        ${group.items.map((item) => html`<${Bubble} key=${item.message_id} item=${item} />`)}
        <p class="when"><time datetime=${last.at}>${clockTime(last.at)}</time><${State} item=${last} /></p>
      </div>
    </div>`;
}

export function Typing() {
  if (!typing.value) return html`<div role="status" class="unseen"></div>`;
  const isAgent = typing.value === "agent";
  return html`
    <div class="group ${typing.value}" data-testid="typing" data-speaker=${typing.value} role="status">
      ${isAgent
        ? html`<span class="avatar person" aria-hidden="true">${t("agent").slice(0, 1)}</span>`
        : html`<img class="avatar" src="/static/web/mark.svg" alt="" width="32" height="32" />`}
      <div class="said"><div class="bubble dots"><span class="unseen">${t(isAgent ? "typing_agent" : "typing_bot")}</span><i></i><i></i><i></i></div></div>
    </div>`;
}
