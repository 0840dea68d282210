// A masked number and the click that shows it: audited, and hidden again after a minute or with another ticket.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { post } from "/static/console/api.js";
import { Icon } from "/static/console/icons.js";
import { may } from "/static/console/store.js";
import { t } from "/static/console/texts.js";
import { tell, tellProblem } from "/static/console/toasts.js";

const SHOWN_FOR = 60000;

export function Masked({ id, field, children, format = (value) => value }) {
  const [full, setFull] = useState(null);
  useEffect(() => {
    if (full === null) return undefined;
    const hiding = setTimeout(() => setFull(null), SHOWN_FOR);
    return () => clearTimeout(hiding);
  }, [full]);
  const show = async () => {
    try {
      setFull((await post(`/customers/${id}/reveal`, { field })).value);
      tell(t("panel.revealed"));
    } catch (problem) {
      tellProblem(problem);
    }
  };
  const act = full === null ? show : () => setFull(null);
  const label = t(full === null ? "panel.reveal" : "panel.hide");
  return html`
    <span class="number" data-testid="shown-${field}">${full === null ? children : format(full)}</span>
    ${may("customers:reveal") && html`<button class="link reveal" data-testid="reveal-${field}" title=${t("panel.reveal_hint")} onClick=${act}><${Icon} name="eye" size="14" />${label}</button>`}
  `;
}
