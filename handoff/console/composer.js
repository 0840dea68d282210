// Where the agent writes: a reply to the customer, or a note for colleagues. Drafts are kept per ticket.
import { html, signal, useLayoutEffect, useRef, useState } from "/static/vendor/preact.js";
import { Icon } from "/static/console/icons.js";
import { tellTyping } from "/static/console/live.js";
import { send } from "/static/console/sending.js";
import { addNote, isMine } from "/static/console/store.js";
import { t } from "/static/console/texts.js";
import { tell, tellProblem } from "/static/console/toasts.js";

const LONGEST = 5000;
const EXTENDED = /[|^{}[\]~\\€]/g;
const GSM = /^[\n\r -~€£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà]*$/;

/** Whether the agent writes a note; a shortcut changes it too. */
export const writesNote = signal(false);

const draftKey = (number, isNote) => `anda.console.draft.${isNote ? "note" : "reply"}.${number}`;
const draft = (number, isNote) => sessionStorage.getItem(draftKey(number, isNote)) ?? "";

function keepDraft(number, isNote, text) {
  if (text) sessionStorage.setItem(draftKey(number, isNote), text);
  else sessionStorage.removeItem(draftKey(number, isNote));
}

/** How many SMS segments a text takes: 160 or 153 characters of GSM-7, 70 or 67 of UCS-2. */
export function segments(text) {
  const isGsm = GSM.test(text) && !text.includes("`");
  const length = isGsm ? text.length + (text.match(EXTENDED)?.length ?? 0) : text.length;
  const [one, several] = isGsm ? [160, 153] : [70, 67];
  return length <= one ? 1 : Math.ceil(length / several);
}

function Hint({ shown, text, isNote }) {
  const left = LONGEST - text.length;
  if (left < 500) return html`<span class="hint ${left < 0 ? "bad" : ""}">${t("compose.counter", { left })}</span>`;
  if (!isNote && shown.channel === "sms" && text) return html`<span class="hint">${t("compose.sms_segments", { count: segments(text) })}</span>`;
  if (!isNote && shown.channel === "wechat") return html`<span class="hint">${t("compose.wechat_hint")}</span>`;
  return html`<span class="hint"></span>`;
}

function Modes({ isNote, mayReply }) {
  return html`
    <div class="modes" role="group">
      <button type="button" aria-pressed=${!isNote} disabled=${!mayReply} title="R" onClick=${() => (writesNote.value = false)}>${t("compose.reply")}</button>
      <button type="button" aria-pressed=${isNote} data-testid="note-toggle" title="N" onClick=${() => (writesNote.value = true)}><${Icon} name="note" size="14" />${t("compose.note")}</button>
    </div>
  `;
}

function useDraft(number, isNote) {
  const [drafts, setDrafts] = useState({ reply: draft(number, false), note: draft(number, true) });
  const name = isNote ? "note" : "reply";
  const change = (text) => {
    keepDraft(number, isNote, text);
    setDrafts((known) => ({ ...known, [name]: text }));
  };
  return [drafts[name], change];
}

function useGrowing(text) {
  const area = useRef(null);
  useLayoutEffect(() => {
    area.current.style.height = "auto";
    area.current.style.height = `${Math.min(area.current.scrollHeight, 220)}px`;
  }, [text]);
  return area;
}

/** Enter sends, but never the Enter that ends a word of an input method. */
function isSendKey(event) {
  const composes = event.isComposing || event.keyCode === 229;
  return event.key === "Enter" && !event.shiftKey && !event.altKey && !composes;
}

export function Composer({ shown }) {
  const isNote = writesNote.value || !isMine.value;
  const [text, setText] = useDraft(shown.number, isNote);
  const [busy, setBusy] = useState(false);
  const area = useGrowing(text);
  const canSend = text.trim() && text.length <= LONGEST && !busy;
  async function submit(event) {
    event?.preventDefault();
    if (!canSend) return;
    if (!isNote) {
      send(shown.number, text.trim());
      setText("");
      return;
    }
    setBusy(true);
    try {
      await addNote(shown.number, text.trim());
      setText("");
      tell(t("compose.note_saved"));
      writesNote.value = false;
    } catch (problem) {
      tellProblem(problem);
    }
    setBusy(false);
  }
  const onInput = (event) => {
    setText(event.target.value);
    if (!isNote) tellTyping();
  };
  const label = t(isNote ? "compose.note" : "compose.reply");
  return html`
    <form class="composer ${isNote ? "writes-note" : ""}" onSubmit=${submit}>
      <${Modes} isNote=${isNote} mayReply=${isMine.value} />
      <textarea
        ref=${area}
        id="compose"
        data-testid="reply"
        rows="2"
        aria-label=${label}
        placeholder=${t(isNote ? "compose.note_placeholder" : "compose.placeholder")}
        value=${text}
        onInput=${onInput}
        onKeyDown=${(event) => isSendKey(event) && submit(event)}
      ></textarea>
      <div class="composer-foot">
        <${Hint} shown=${shown} text=${text} isNote=${isNote} />
        <button class="primary" data-testid="send-reply" disabled=${!canSend}>${t(isNote ? "compose.save_note" : "compose.send")}</button>
      </div>
    </form>
  `;
}
