// The dialog that closes a matter: outcome, an optional note, and the confirmation.
import { html, signal, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { isMine, resolve, ticket } from "/static/console/store.js";
import { t } from "/static/console/texts.js";
import { bringInto, tell } from "/static/console/toasts.js";

const OUTCOMES = ["answered", "solved", "not_solved", "duplicate", "spam"];

const isOpen = signal(false);

export function startResolving() {
  if (ticket.value && isMine.value && ticket.value.status !== "resolved") isOpen.value = true;
}

const HOLDS_WORDS = "form, input, textarea, select";

const said = (field) => (["checkbox", "radio"].includes(field.type) ? String(field.checked) : field.value);

/** Remembers what stood in the fields before they were touched; `isTyped()` says whether one of them says something else now. */
function useTyped() {
  const before = useRef(new Map());
  const onFocusIn = ({ target }) => {
    if (target.matches("input, textarea, select") && !before.current.has(target)) before.current.set(target, said(target));
  };
  return { onFocusIn, isTyped: () => [...before.current].some(([field, words]) => field.isConnected && said(field) !== words) };
}

/** `close` is called for Escape in the uppermost dialog; the browser alone would close at the second press whatever is said. */
function useEscape(element, close) {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const onKey = (event) => {
      if (event.key !== "Escape" || event.isComposing || [...document.querySelectorAll("dialog[open]")].at(-1) !== element.current) return;
      event.preventDefault();
      latest.current();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

/**
 * A modal dialog of the browser: it keeps the focus and closes on Escape, on × and, when nothing is written in it, by a
 * press beside it; before typed words are lost it asks. With `isKept` it shows what is never shown again: only the
 * buttons inside close it.
 */
export function Dialog({ title, onClose, isKept = false, children }) {
  const element = useRef(null);
  const pressed = useRef(null);
  const { onFocusIn, isTyped } = useTyped();
  const mayClose = () => !isKept && (!isTyped() || confirm(t("close_typed")));
  const close = () => mayClose() && element.current.close();
  useEscape(element, close);
  useEffect(() => {
    element.current.showModal();
    return bringInto(element.current);
  }, []);
  // A selection drawn out of a field ends with a click beside the dialog, too.
  function onClick({ target }) {
    const isBeside = target === element.current && pressed.current === element.current;
    if (isBeside && !element.current.querySelector(HOLDS_WORDS)) close();
  }
  return html`
    <dialog
      ref=${element} aria-labelledby="dialog-title" closedby=${isKept ? "none" : "closerequest"}
      onCancel=${(event) => event.target === element.current && (mayClose() || event.preventDefault())} onClose=${onClose} onfocusin=${onFocusIn} onPointerDown=${(event) => (pressed.current = event.target)} onClick=${onClick}
    >
      <div class="dialog-body">
        <header><h2 id="dialog-title">${title}</h2>${!isKept && html`<button type="button" class="quiet icon" aria-label=${t("close")} onClick=${close}>×</button>`}</header>
        ${children}
      </div>
    </dialog>
  `;
}

function Outcomes({ chosen, choose }) {
  return html`
    <fieldset class="outcomes">
      <legend>${t("resolve.outcome")}</legend>
      ${OUTCOMES.map(
        (outcome) => html`
          <label key=${outcome} class=${chosen === outcome ? "chosen" : ""}>
            <input type="radio" name="outcome" value=${outcome} checked=${chosen === outcome} onChange=${() => choose(outcome)} />
            ${t(`outcome.${outcome}`)}
          </label>
        `,
      )}
    </fieldset>
  `;
}

function ResolveForm({ number }) {
  const [outcome, setOutcome] = useState("solved");
  const [busy, setBusy] = useState(false);
  async function submit(event) {
    event.preventDefault();
    setBusy(true);
    const isDone = await resolve(number, outcome, new FormData(event.target).get("note"));
    setBusy(false);
    if (!isDone) return;
    isOpen.value = false;
    tell(t("resolve.done"));
  }
  return html`
    <form onSubmit=${submit}>
      <p class="muted">${t("resolve.lead")}</p>
      <${Outcomes} chosen=${outcome} choose=${setOutcome} />
      <label class="field"><span>${t("resolve.note")}</span><textarea name="note" rows="3" maxlength="5000" placeholder=${t("resolve.note_placeholder")}></textarea></label>
      <footer>
        <button type="button" onClick=${() => (isOpen.value = false)}>${t("cancel")}</button>
        <button class="primary" data-testid="resolve-confirm" disabled=${busy}>${t(busy ? "resolve.busy" : "resolve.confirm")}</button>
      </footer>
    </form>
  `;
}

export function ResolveDialog() {
  if (!isOpen.value || !ticket.value) return null;
  const { number } = ticket.value;
  return html`
    <${Dialog} title=${t("resolve.title", { number })} onClose=${() => (isOpen.value = false)}>
      <${ResolveForm} number=${number} />
    <//>
  `;
}
