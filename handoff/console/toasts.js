// Short messages at the edge of the page: what happened, and what to do.
import { html, signal, useEffect, useRef } from "/static/vendor/preact.js";
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

export function Toasts() {
  const element = useRef();
  const newest = toasts.value.at(-1)?.id;
  // Shown anew with each message: what became a layer last lies above an open dialog.
  useEffect(() => {
    element.current.hidePopover();
    if (newest) element.current.showPopover();
  }, [newest]);
  return html`
    <div class="toasts" role="status" aria-live="polite" popover="manual" ref=${element}>
      ${toasts.value.map(
        (toast) => html`
          <div class="toast ${toast.mood}" key=${toast.id} data-testid="toast">
            <span>${toast.text}</span>
            <button class="quiet icon" aria-label=${t("close")} onClick=${() => remove(toast.id)}>×</button>
          </div>
        `,
      )}
    </div>
  `;
}
