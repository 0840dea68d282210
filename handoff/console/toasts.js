// Short messages at the edge of the page: what happened, and what to do.
import { html, render, signal, useEffect } from "/static/vendor/preact.js";
import { duration } from "/static/console/format.js";
import { has, t } from "/static/console/texts.js";

const toasts = signal([]);
let last = 0;

function remove(id) {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function tell(text, mood = "good") {
  const known = toasts.value.find((toast) => toast.text === text);
  if (known) return;
  const id = ++last;
  toasts.value = [...toasts.value, { id, text, mood }];
  setTimeout(() => remove(id), mood === "good" ? 3500 : 8000);
}

/** The words for a failure, which say what to do. */
export function wordsFor(problem) {
  const key = `error.${problem.code}`;
  if (!has(key)) return problem.message || t("error.internal_error");
  return t(key, { wait: duration((problem.retryAfter ?? 60) * 1000) });
}

export function tellProblem(problem) {
  if (problem.status === 401) return; // the sign-in page says it
  if (problem.code === undefined) console.error(problem);
  tell(wordsFor(problem), "bad");
}

const layer = document.createElement("div");
layer.className = "toasts";
layer.popover = "manual";
layer.setAttribute("role", "status");

/** What became a layer last lies above an open dialog. */
function raise() {
  layer.hidePopover();
  if (toasts.value.length) layer.showPopover();
}

/** While a dialog is open, all outside of it is inert: the toasts become a part of it. Gives the way back. */
export function bringInto(dialog) {
  const before = layer.parentNode;
  dialog.append(layer);
  raise();
  return () => {
    if (layer.parentNode !== dialog) return;
    (before.isConnected ? before : document.body).append(layer);
    raise();
  };
}

function Toasts() {
  const newest = toasts.value.at(-1)?.id;
  useEffect(raise, [newest]);
  return toasts.value.map(
    (toast) => html`
      <div class="toast ${toast.mood}" key=${toast.id} data-testid="toast">
        <span>${toast.text}</span>
        <button type="button" class="quiet icon" aria-label=${t("close")} onClick=${() => remove(toast.id)}>×</button>
      </div>
    `,
  );
}

export function showToasts() {
  document.body.append(layer);
  render(html`<${Toasts} />`, layer);
}
