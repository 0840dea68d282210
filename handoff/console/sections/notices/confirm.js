// The question before what cannot be taken back.
import { html, useState } from "/static/vendor/preact.js";
import { Dialog } from "/static/console/resolve.js";
import { t } from "/static/console/sections/notices/calls.js";

/** `onYes` gives a promise; until it is kept the button waits. */
export function Confirm({ title, lead, act, stay = t("cancel"), onYes, onClose }) {
  const [isBusy, setBusy] = useState(false);
  const yes = (event) => (event.preventDefault(), setBusy(true), onYes().finally(() => setBusy(false)));
  return html`
    <${Dialog} title=${title} onClose=${onClose}>
      <form onSubmit=${yes}>
        <p class="muted">${lead}</p>
        <footer><button type="button" onClick=${onClose}>${stay}</button><button class="primary" data-testid="confirm" disabled=${isBusy}>${act}</button></footer>
      </form>
    <//>
  `;
}
