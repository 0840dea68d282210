// Where the agent writes: a reply to the customer, or a note for colleagues. Drafts are kept per ticket.
import { html, signal, useEffect, useLayoutEffect, useRef, useState } from "/static/vendor/preact.js";
import { AttachButton, attachedTo, Attached, onPaste, takeAttached, useDrop } from "/static/console/attach.js";
import { Canned } from "/static/console/canned.js";
import { CannedDialog } from "/static/console/canned_dialog.js";
import { Icon } from "/static/console/icons.js";
import { isSlash, selectVariable, tool, unfilled } from "/static/console/insert.js";
import { Knowledge } from "/static/console/knowledge.js";
import { tellTyping } from "/static/console/live.js";
import { send, sendFile } from "/static/console/sending.js";
import { addNote, isMine } from "/static/console/store.js";
import { suggest, Suggestion } from "/static/console/suggestion.js";
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

/** What stands between a canned reply and the customer: variables that nobody filled in. */
function Missing({ names }) {
  if (!names.length) return null;
  return html`
    <p class="unfilled" role="alert" data-testid="unfilled">
      ${t("canned.missing")}${names.map((name) => html`<button type="button" class="small" key=${name} onClick=${() => selectVariable(name)}>${`{${name}}`} ${t(`canned.variable.${name}`)}</button>`)}
    </p>
  `;
}

const toggle = (name) => (tool.value = tool.value === name ? null : name);

function ToolButton({ name, icon, label, keys }) {
  return html`<button type="button" class="quiet icon" aria-label=${label} title=${`${label} (${keys})`} aria-expanded=${tool.value === name} data-testid="tool-${name}" onClick=${() => toggle(name)}><${Icon} name=${icon} /></button>`;
}

function Tools({ number }) {
  return html`
    <div class="tools">
      <${ToolButton} name="canned" icon="phrases" label=${t("canned.open")} keys="Q" />
      <${ToolButton} name="knowledge" icon="articles" label=${t("knowledge.open")} keys="F, Ctrl+K" />
      <button type="button" class="quiet icon" aria-label=${t("suggest.open")} title=${`${t("suggest.open")} (S)`} data-testid="suggest" onClick=${suggest}><${Icon} name="bulb" /></button>
      <${AttachButton} number=${number} />
    </div>
  `;
}

function onToolKey(event) {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  toggle("knowledge");
}

/** Saves the note; gives whether it worked. */
async function saveNote(number, text) {
  try {
    await addNote(number, text);
    tell(t("compose.note_saved"));
    writesNote.value = false;
    return true;
  } catch (problem) {
    tellProblem(problem);
    return false;
  }
}

export function Composer({ shown }) {
  const { number } = shown;
  const isNote = writesNote.value || !isMine.value;
  const [text, setText] = useDraft(number, isNote);
  const [busy, setBusy] = useState(false);
  const area = useGrowing(text);
  const isOver = useDrop(number, !isNote);
  useEffect(() => () => (tool.value = null), []);
  const missing = isNote ? [] : unfilled(text);
  const hasFiles = !isNote && attachedTo(number).length > 0;
  const canSend = (text.trim() || hasFiles) && text.length <= LONGEST && !busy && !missing.length;
  async function submit(event) {
    event?.preventDefault();
    if (!canSend) return;
    if (!isNote) {
      if (text.trim()) send(number, text.trim());
      takeAttached(number).forEach((one) => sendFile(number, one));
      setText("");
      return;
    }
    setBusy(true);
    if (await saveNote(number, text.trim())) setText("");
    setBusy(false);
  }
  const onInput = (event) => {
    const typed = event.target.value;
    setText(typed);
    if (isNote) return;
    if (isSlash(typed) && !isSlash(text) && !event.isComposing) tool.value = "canned";
    tellTyping();
  };
  const label = t(isNote ? "compose.note" : "compose.reply");
  return html`
    <form class="composer ${isNote ? "writes-note" : ""} ${isOver ? "is-over" : ""}" onSubmit=${submit}>
      ${!isNote && tool.value === "canned" && html`<${Canned} shown=${shown} />`}
      ${!isNote && tool.value === "knowledge" && html`<${Knowledge} shown=${shown} />`}
      ${!isNote && html`<${Suggestion} shown=${shown} />`}
      <${Modes} isNote=${isNote} mayReply=${isMine.value} />
      ${!isNote && html`<${Attached} number=${number} channel=${shown.channel} />`}
      <textarea
        ref=${area}
        id="compose"
        data-testid="reply"
        rows="2"
        aria-label=${label}
        placeholder=${t(isNote ? "compose.note_placeholder" : "compose.placeholder")}
        value=${text}
        onInput=${onInput}
        onPaste=${(event) => !isNote && onPaste(event, number)}
        onKeyDown=${(event) => (isSendKey(event) ? submit(event) : !isNote && onToolKey(event))}
      ></textarea>
      <${Missing} names=${missing} />
      <div class="composer-foot">
        ${!isNote && html`<${Tools} number=${number} />`}
        <${Hint} shown=${shown} text=${text} isNote=${isNote} />
        <button class="primary" data-testid="send-reply" disabled=${!canSend}>${t(isNote ? "compose.save_note" : "compose.send")}</button>
      </div>
      ${isOver && html`<p class="drop-here">${t("files.drop")}</p>`}
    </form>
    <${CannedDialog} />
  `;
}
