// Complaints: the register, one of them, and the figures.
import { html } from "/static/vendor/preact.js";
import { place } from "/static/console/sections.js";
import { translator } from "/static/console/texts.js";
import { Choice } from "/static/console/sections/kit.js";
import { Figures } from "/static/console/sections/complaints/figures.js";
import { Register } from "/static/console/sections/complaints/list.js";
import { One } from "/static/console/sections/complaints/one.js";
import { texts } from "/static/console/sections/complaints/texts.js";

const t = translator(texts);
const TABS = ["register", "figures"];

export function Page() {
  const [chosen] = place.value;
  if (chosen && chosen !== "figures") return html`<div class="page complaints"><${One} key=${chosen} number=${chosen} /></div>`;
  const tab = chosen ?? "register";
  const go = (to) => (location.hash = to === "register" ? "complaints" : `complaints/${to}`);
  return html`
    <div class="page complaints">
      <header class="page-head"><h2>${t("sections.complaints")}</h2><${Choice} label=${t("view")} value=${tab} onChange=${go} testid="complaints-tab" options=${TABS.map((one) => [one, t(`tab.${one}`)])} /><p>${t("lead")}</p></header>
      ${tab === "figures" ? html`<${Figures} />` : html`<${Register} />`}
    </div>
  `;
}
