// Claims: the list, one claim, a report for a customer.
import { html } from "/static/vendor/preact.js";
import { place } from "/static/console/sections.js";
import { Detail } from "/static/console/sections/claims/detail.js";
import { Draft } from "/static/console/sections/claims/draft.js";
import { List } from "/static/console/sections/claims/list.js";

export function Page() {
  const [first, second] = place.value;
  return html`
    <div class="page claims">
      ${!first && html`<${List} />`}
      ${first === "new" && html`<${Draft} key=${second} customer=${second} />`}
      ${first && first !== "new" && html`<${Detail} key=${first} number=${first} />`}
    </div>
  `;
}
