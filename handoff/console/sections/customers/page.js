// Customers: find one, see everything about them.
import { html } from "/static/vendor/preact.js";
import { place } from "/static/console/sections.js";
import { List } from "/static/console/sections/customers/list.js";
import { One } from "/static/console/sections/customers/one.js";

export function Page() {
  const id = place.value[0];
  return html`<div class="page customers">${/^\d+$/.test(id ?? "") ? html`<${One} key=${id} id=${Number(id)} />` : html`<${List} chosen=${id} />`}</div>`;
}
