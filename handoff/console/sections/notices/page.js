// Notices: what was and will be told, campaigns, segments, wording.
import { html } from "/static/vendor/preact.js";
import { place } from "/static/console/sections.js";
import { go, may, t } from "/static/console/sections/notices/calls.js";
import { Campaign } from "/static/console/sections/notices/campaign.js";
import { Campaigns } from "/static/console/sections/notices/campaigns.js";
import { NoticeList } from "/static/console/sections/notices/list.js";
import { Segments } from "/static/console/sections/notices/segments.js";
import { Templates } from "/static/console/sections/notices/templates.js";

const TABS = { list: NoticeList, campaigns: Campaigns, segments: Segments, templates: Templates };

export function Page() {
  const [first, second] = place.value;
  const tab = Object.hasOwn(TABS, first) ? first : "list";
  const isCampaign = tab === "campaigns" && /^\d+$/.test(second ?? "");
  const Tab = TABS[tab];
  return html`
    <div class="page notices">
      <header class="page-head"><h2>${t("sections.notices")}</h2><p>${t("lead")}</p></header>
      <nav class="notice-tabs">
        ${Object.keys(TABS)
          .filter((one) => one !== "segments" || may("segments:read"))
          .map(
            (one) => html`<button key=${one} class="quiet small" aria-current=${one === tab ? "page" : undefined} data-testid="notices-${one}" onClick=${() => go(one)}>${t(`tabs.${one}`)}</button>`,
          )}
      </nav>
      ${isCampaign ? html`<${Campaign} key=${second} id=${Number(second)} />` : html`<${Tab} key=${tab} chosen=${second} />`}
    </div>
  `;
}
