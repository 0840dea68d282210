// The messages of one app on the phone.
import { html, useEffect, useRef } from "/static/vendor/preact.js";

export const time = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function Ticks({ message, t }) {
  const status = message.status ?? "sending";
  const sign = { sending: "◷", delivered: "✓✓", failed: "!" }[status];
  return html`<span class="ticks ${status}" data-status=${status} title=${t[status]} aria-label=${t[status]}>${sign}</span>`;
}

function Bubble({ message, app, t, onChoice }) {
  if (message.kind === "event") {
    const words = { subscribe: t.followed, unsubscribe: t.unfollowed }[message.event] ?? `${t.tapped}：${message.text}`;
    return html`<p class="event">${words}</p>`;
  }
  if (message.is_notice) return html`<p class="event">${message.text}</p>`;
  const mine = message.kind === "out";
  const media = message.media && html`<span class="media ${message.media}" aria-hidden="true"></span>`;
  return html`<div class="row ${mine ? "mine" : "theirs"}">
    ${app === "wechat" && html`<span class="avatar ${mine ? "me" : "company"}" aria-hidden="true"></span>`}
    <div class="bubble" data-testid=${mine ? "bubble-out" : "bubble-in"} data-id=${message.id}>
      ${media}<span class="text">${message.text || (message.media ? `[${t[message.media] ?? message.media}]` : "")}</span>
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

export function Thread({ messages, app, t, typing, onChoice }) {
  const end = useRef(null);
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [messages.length, typing, app]);
  return html`<div class="thread" role="log" aria-live="polite">
    ${messages.length === 0 && html`<p class="event">${t.empty}</p>`}
    ${messages.map((m) => html`<${Bubble} key=${m.seq} message=${m} app=${app} t=${t} onChoice=${onChoice} />`)}
    ${typing && html`<p class="event">${t.typing}</p>`}
    <div ref=${end}></div>
  </div>`;
}
