// Settings: one's own account for everybody; business settings, tokens and webhooks for administrators.
import { html } from "/static/vendor/preact.js";
import { place } from "/static/console/sections.js";
import { translator } from "/static/console/texts.js";
import { Choice, may } from "/static/console/sections/kit.js";
import { Account } from "/static/console/sections/settings/account.js";
import { Business } from "/static/console/sections/settings/business.js";
import { Tokens } from "/static/console/sections/settings/tokens.js";
import { texts } from "/static/console/sections/settings/texts.js";
import { Webhooks } from "/static/console/sections/settings/webhooks.js";

const t = translator(texts);
const TABS = {
  account: { Shown: Account },
  business: { Shown: Business, right: "settings:write" },
  tokens: { Shown: Tokens, right: "tokens:write" },
  webhooks: { Shown: Webhooks, right: "webhooks:write" },
};

export function Page() {
  const allowed = Object.keys(TABS).filter((one) => !TABS[one].right || may(TABS[one].right));
  const tab = allowed.includes(place.value[0]) ? place.value[0] : "account";
  const { Shown } = TABS[tab];
  const go = (to) => (location.hash = `settings/${to}`);
  return html`
    <div class="page settings">
      <header class="page-head"><h2>${t("sections.settings")}</h2>${allowed.length > 1 && html`<${Choice} label=${t("tabs")} value=${tab} onChange=${go} testid="settings" options=${allowed.map((one) => [one, t(`tab.${one}`)])} />`}<p>${t(`lead.${tab}`)}</p></header>
      <${Shown} />
    </div>
  `;
}
