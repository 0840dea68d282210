// Where the customer writes. Enter sends, but never while an input method is composing a character.

import { html, useEffect, useLayoutEffect, useRef, useState } from "/static/vendor/preact.js";
import { AttachButtons, onPaste } from "./attach.js";
import { announceTyping } from "./connection.js";
import { t } from "./language.js";
import { say } from "./outbox.js";
import { ended } from "./state.js";
import { keep, kept, tab } from "./storage.js";

const DRAFT = "anda.draft";
// A very long draft is not worth the copy at every key.
const LONG = 20_000;

function useDraft() {
  const [text, setText] = useState(() => kept(DRAFT, tab) ?? "");
  const write = (value) => {
    setText(value);
    keep(DRAFT, value && value.length < LONG ? value : null, tab);
  };
  useEffect(() => ended.subscribe((count) => count && write("")), []);
  return [text, write];
}

export function Composer() {
  const area = useRef(null);
  const [text, write] = useDraft();

  useLayoutEffect(() => {
    area.current.style.height = "auto";
    area.current.style.height = `${area.current.scrollHeight}px`;
  }, [text]);

  const send = (event) => {
    event.preventDefault();
    if (!text.trim()) return;
    say(text.trim());
    write("");
    area.current.focus();
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) send(event);
  };
  const onInput = (event) => {
    write(event.target.value);
    announceTyping();
  };

  return html`
    <footer class="footer">
      <form class="composer" onSubmit=${send}>
        <${AttachButtons} />
        <textarea id="composer" ref=${area} rows="1" data-testid="composer" aria-label=${t("compose")}
          aria-describedby="composer-hint" placeholder=${t("placeholder")} value=${text} enterkeyhint="send"
          onInput=${onInput} onKeyDown=${onKeyDown} onPaste=${onPaste}></textarea>
        <button type="submit" class="send" data-testid="send" disabled=${!text.trim()} aria-label=${t("send")} title=${t("send")}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 19V5m-6 6 6-6 6 6" /></svg>
        </button>
      </form>
      <p class="hint" id="composer-hint"><span class="keys">${t("hint")}</span><span>${t("privacy")}</span></p>
    </footer>`;
}
