// Where the customer writes. Enter sends, but never while an input method is composing a character.

import { html, useLayoutEffect, useRef, useState } from "/static/vendor/preact.js";
import { announceTyping, say } from "./connection.js";
import { t } from "./language.js";
import { keep, kept, tab } from "./storage.js";

const DRAFT = "anda.draft";

export function Composer() {
  const area = useRef(null);
  const [text, setText] = useState(() => kept(DRAFT, tab) ?? "");

  useLayoutEffect(() => {
    area.current.style.height = "auto";
    area.current.style.height = `${area.current.scrollHeight}px`;
  }, [text]);

  const write = (value) => {
    setText(value);
    // A very long draft is not worth the copy at every key.
    keep(DRAFT, value && value.length < 20_000 ? value : null, tab);
  };
  const send = () => {
    if (!text.trim()) return;
    say(text.trim());
    write("");
    area.current.focus();
  };
  const onKeyDown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };
  const onSubmit = (event) => {
    event.preventDefault();
    send();
  };

  return html`
    <footer class="footer">
      <form class="composer" onSubmit=${onSubmit}>
        <textarea id="composer" ref=${area} rows="1" data-testid="composer" aria-label=${t("compose")}
          aria-describedby="composer-hint" placeholder=${t("placeholder")} value=${text} enterkeyhint="send"
          onInput=${(event) => { write(event.target.value); announceTyping(); }} onKeyDown=${onKeyDown}></textarea>
        <button type="submit" class="send" data-testid="send" disabled=${!text.trim()} aria-label=${t("send")} title=${t("send")}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 19V5m-6 6 6-6 6 6" /></svg>
        </button>
      </form>
      <p class="hint" id="composer-hint"><span class="keys">${t("hint")}</span><span>${t("privacy")}</span></p>
    </footer>`;
}
