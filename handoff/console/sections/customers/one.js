// One customer: the 360° view from one call.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { get } from "/static/console/api.js";
import { Icon } from "/static/console/icons.js";
import { tellProblem, wordsFor } from "/static/console/toasts.js";
import { go, t } from "/static/console/sections/customers/calls.js";
import { Accounts, Channels, Consents, Family, Person, Standing, Tags } from "/static/console/sections/customers/person.js";
import { Record } from "/static/console/sections/customers/record.js";
import { Changes, Claims, Policies, Tasks, Tickets } from "/static/console/sections/customers/matters.js";

export function One({ id }) {
  const [seen, setSeen] = useState(null);
  const [failed, setFailed] = useState(null);
  const read = () => get(`/customers/${id}/overview`).then((answer) => { setSeen(answer); setFailed(null); }).catch((problem) => { setFailed(problem); tellProblem(problem); });
  useEffect(() => { read(); }, [id]);
  const back = html`<button class="quiet small customers-back" onClick=${() => go("")}><${Icon} name="back" size=${16} />${t("back")}</button>`;
  if (failed && !seen) return html`${back}<div class="card customers-empty"><strong>${wordsFor(failed)}</strong><button onClick=${read}>${t("retry")}</button></div>`;
  if (!seen) return html`${back}<p class="muted loading">${t("loading")}</p>`;
  const shared = { id, seen, read };
  return html`
    ${back}
    <header class="page-head customers-head">
      <span class="avatar large">${seen.customer.surname.slice(0, 2)}</span>
      <h2 data-testid="customer-title">${seen.customer.name} <span class="tier tier-${seen.standing.tier}">${t(`tier.${seen.standing.tier}`)}</span></h2>
      <${Tags} ...${shared} />
    </header>
    <div class="customers-columns">
      <div>
        <${Person} ...${shared} /><${Standing} ...${shared} /><${Family} ...${shared} /><${Accounts} ...${shared} /><${Channels} ...${shared} /><${Consents} ...${shared} />
      </div>
      <div>
        <${Policies} ...${shared} /><${Claims} ...${shared} />
        <div class="two"><${Tickets} ...${shared} /><${Tasks} ...${shared} /></div>
        <${Changes} ...${shared} /><${Record} ...${shared} />
      </div>
    </div>
  `;
}
