// What the conversation is made of.

import { html, useState } from "/static/vendor/preact.js";
import { retry, say, status, typing } from "./connection.js";
import { clockTime, dayName, language, t } from "./language.js";

const LONG = 1500;

// References stand for numbers that were encrypted at the door.
function readable(item) {
  if (item.direction === "in" && item.type && item.type !== "text" && !item.text) return t("types")[item.type] ?? "";
  return item.text.replace(/⟦(id|bank|otp):[0-9a-f]+⟧/g, (_, kind) => t(`hidden_${kind}`));
}

function Words({ item }) {
  const [isOpen, setOpen] = useState(false);
  const text = readable(item);
  if (text.length <= LONG) return html`<p class="words">${text}</p>`;
  return html`
    <p class="words">${isOpen ? text : `${text.slice(0, LONG)}…`}</p>
    <button type="button" class="link" onClick=${() => setOpen(!isOpen)}>${t(isOpen ? "less" : "more")}</button>`;
}

// Links come from the server's own field alone, and only to web addresses.
function Link({ link }) {
  if (!link || !/^(https?:\/\/|\/)/.test(link.url ?? "")) return null;
  return html`
    <a class="card" href=${link.url} target="_blank" rel="noopener noreferrer">
      <span>${link.title || t("open_link")}</span><span aria-hidden="true">↗</span>
    </a>`;
}

function State({ item }) {
  if (item.direction !== "in" || !item.state) return null;
  const state = status.value !== "online" && item.state === "sending" ? "waiting" : item.state;
  const isFailed = state === "failed";
  return html`
    <span class=${isFailed ? "delivery failed" : "delivery"} data-state=${state}>
      ${state === "sent" ? html`<span aria-hidden="true">✓ </span>` : ""}${t(state)}${item.reason ? ` · ${t(item.reason)}` : ""}
      ${isFailed && item.canRetry && html` <button type="button" class="link" onClick=${() => retry(item.message_id)}>${t("retry")}</button>`}
    </span>`;
}

function Bubble({ item }) {
  const testid = item.direction === "in" ? "message-out" : "message-in";
  return html`
    <div class="bubble" data-testid=${testid} data-id=${item.message_id} data-kind=${item.kind}
      lang=${item.language && item.language !== language.value ? item.language : null}>
      <${Words} item=${item} />
      <${Link} link=${item.link} />
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
  const text = t(typing.value === "agent" ? "typing_agent" : "typing_bot");
  return html`
    <div class="group bot" data-testid="typing" role="status">
      <img class="avatar" src="/static/web/mark.svg" alt="" width="32" height="32" />
      <div class="said"><div class="bubble dots"><span class="unseen">${text}</span><i></i><i></i><i></i></div></div>
    </div>`;
}

export function QuickReplies({ replies, onChoose }) {
  if (!replies.length) return null;
  return html`
    <div class="replies" role="group" aria-label=${t("replies")}>
      ${replies.map((reply) => html`
        <button type="button" key=${reply.payload} class="chip" data-testid="quick-reply" onClick=${() => onChoose(reply)}>${reply.title}</button>`)}
    </div>`;
}

export function Welcome({ isQuiet }) {
  return html`
    <section class=${isQuiet ? "welcome quiet" : "welcome"} aria-labelledby="welcome-title">
      <img src="/static/web/mark.svg" alt="" width="64" height="64" />
      <h2 id="welcome-title">${t("welcome_title")}</h2>
      <p>${t("welcome_text")}</p>
      ${!isQuiet && html`
        <p class="suggest" id="suggest">${t("suggest")}</p>
        <div class="suggestions" role="group" aria-labelledby="suggest">
          ${t("suggestions").map((text) => html`
            <button type="button" key=${text} class="suggestion" data-testid="suggestion" onClick=${() => say(text)}>
              <span>${text}</span><span aria-hidden="true">→</span>
            </button>`)}
        </div>`}
    </section>`;
}
