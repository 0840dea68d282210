// Training data of what was labelled: made once, to be downloaded at any time.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { fullTime } from "/static/console/format.js";
import { Dialog } from "/static/console/resolve.js";
import { tell } from "/static/console/toasts.js";
import { exportLabelled, fileOf, listExports, t, tellFailure } from "/static/console/sections/review/calls.js";

export function Exports({ count, changed, close }) {
  const [made, setMade] = useState(null);
  const [busy, setBusy] = useState(false);
  const load = () => listExports().then((page) => setMade(page.items)).catch(tellFailure);
  useEffect(() => void load(), []);
  const go = async () => {
    setBusy(true);
    try {
      const one = await exportLabelled();
      tell(t(one.is_placed ? "export_placed" : "export_made", { count: one.examples }));
    } catch (problem) {
      tellFailure(problem);
    }
    setBusy(false);
    load();
    changed();
  };
  return html`
    <${Dialog} title=${t("exports")} onClose=${close}>
      <div class="review-exports">
        <p class="muted">${t("exports_lead")}</p>
        <button class="primary" data-testid="review-export" disabled=${busy || !count} onClick=${go}>${count ? t("export", { count }) : t("export_none")}</button>
        <ul>
          ${made?.map((one) => html`<li key=${one.id}><a href=${fileOf(one)} download=${one.file} data-testid="review-file">${one.file}</a><span class="muted">${t("examples", { count: one.examples })} · ${fullTime(one.created_at)}</span></li>`)}
        </ul>
      </div>
    <//>
  `;
}
