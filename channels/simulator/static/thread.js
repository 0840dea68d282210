// The messages of one app on the phone.
import { html, useEffect, useRef } from "/static/vendor/preact.js";
import { pictureAddress } from "./phone.js";

export const time = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function Ticks({ message, t }) {
  const status = message.status ?? "sending";
  const sign = { sending: "◷", delivered: "✓✓", failed: "!" }[status];
  return html`<span class="ticks ${status}" data-status=${status} title=${t[status]} aria-label=${t[status]}>${sign}</span>`;
}

const HTTP = /(https?:\/\/[^\s]+)/;

/** Text with its addresses as links. */
function Words({ text }) {
  const parts = text.split(HTTP);
  return html`<span class="text">${parts.map((part, index) =>
    index % 2 ? html`<a href=${part} target="_blank" rel="noreferrer">${part}</a>` : part,
  )}</span>`;
}

function Picture({ picture, t }) {
  const address = pictureAddress(picture);
  if (!picture.type.startsWith("image/")) return html`<a class="file" href=${address} target="_blank" rel="noreferrer">PDF</a>`;
  return html`<a href=${address} target="_blank" rel="noreferrer"><img class="picture" data-testid="picture" src=${address} alt=${t.image} /></a>`;
}

function Card({ card }) {
  return html`<a class="card" data-testid="card" href=${card.url} target="_blank" rel="noreferrer">
    <b>${card.title}</b><span>${card.description}</span>
  </a>`;
}

function Template({ template, t }) {
  return html`<section class="template" data-testid="template">
    <b>${t.template}</b><small>${template.id}</small>
    <dl>${template.values.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
    ${template.url && html`<a href=${template.url} target="_blank" rel="noreferrer">${t.details}</a>`}
  </section>`;
}

function Bubble({ message, app, t, onChoice }) {
  if (message.kind === "event") {
    const words = { subscribe: t.followed, unsubscribe: t.unfollowed, SCAN: message.text }[message.event] ?? `${t.tapped}：${message.text}`;
    return html`<p class="event">${words}</p>`;
  }
  if (message.is_notice) return html`<p class="event">${message.text}</p>`;
  const mine = message.kind === "out";
  const pictures = message.pictures ?? [];
  const media = message.media && !pictures.length && html`<span class="media ${message.media}" aria-hidden="true"></span>`;
  const words = message.text || (message.media && !pictures.length ? `[${t[message.media] ?? message.media}]` : "");
  return html`<div class="row ${mine ? "mine" : "theirs"}">
    ${app === "wechat" && html`<span class="avatar ${mine ? "me" : "company"}" aria-hidden="true"></span>`}
    <div class="bubble" data-testid=${mine ? "bubble-out" : "bubble-in"} data-id=${message.id}>
      ${media}${pictures.map((picture) => html`<${Picture} picture=${picture} t=${t} />`)}
      ${message.card && html`<${Card} card=${message.card} />`}
      ${message.template && html`<${Template} template=${message.template} t=${t} />`}
      ${words && html`<${Words} text=${words} />`}
      ${message.menu?.length > 0 &&
      html`<div class="menu">
        ${message.menu.map(
          (entry) =>
            html`<button type="button" data-testid="choice" onClick=${() => onChoice(entry)}>${entry.title}</button>`,
        )}
      </div>`}
      <span class="meta">
        <time>${time(message.at)}</time>
        ${message.segments > 1 && html`<span>${message.segments} ${t.segments}</span>`}
        ${mine && html`<${Ticks} message=${message} t=${t} />`}
      </span>
    </div>
  </div>`;
}

export function Thread({ messages, app, t, typing, isNarrow, onChoice }) {
  const end = useRef(null);
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [messages.length, typing, app, isNarrow]);
  return html`<div class="thread" role="log" aria-live="polite">
    ${messages.length === 0 && html`<p class="event">${t.empty}</p>`}
    ${messages.map((m) => html`<${Bubble} key=${m.seq} message=${m} app=${app} t=${t} onChoice=${onChoice} />`)}
    ${typing && html`<p class="event">${t.typing}</p>`}
    <div ref=${end}></div>
  </div>`;
}
