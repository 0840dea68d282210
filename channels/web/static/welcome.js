// What a customer sees first, and the buttons that are offered on the way.

import { html } from "/static/vendor/preact.js";
import { t } from "./language.js";
import { say } from "./outbox.js";

export function QuickReplies({ replies, onChoose }) {
  if (!replies.length) return null;
  return html`
    <div class="replies" role="group" aria-label=${t("replies")}>
      ${replies.map((reply) => html`
        <button type="button" key=${reply.payload} class="chip" data-testid="quick-reply" onClick=${() => onChoose(reply)}>${reply.title}</button>`)}
    </div>`;
}

export function Welcome({ isQuiet, onChosen }) {
  const ask = (text) => {
    say(text);
    onChosen();
  };
  return html`
    <section class=${isQuiet ? "welcome quiet" : "welcome"} aria-labelledby="welcome-title">
      <img src="/static/web/mark.svg" alt="" width="64" height="64" />
      <h2 id="welcome-title">${t("welcome_title")}</h2>
      <p>${t("welcome_text")}</p>
      ${!isQuiet && html`
        <p class="suggest" id="suggest">${t("suggest")}</p>
        <div class="suggestions" role="group" aria-labelledby="suggest">
          ${t("suggestions").map((text) => html`
            <button type="button" key=${text} class="suggestion" data-testid="suggestion" onClick=${() => ask(text)}>
              <span>${text}</span><span aria-hidden="true">→</span>
            </button>`)}
        </div>`}
    </section>`;
}
