// The conversations behind a figure or a count.
import { html } from "/static/vendor/preact.js";
import { Loaded, moment, TicketLink, useList } from "/static/console/sections/kit.js";
import { t } from "/static/console/sections/reports/asking.js";

/** A conversation's episode, or its day where no episode with the bot is noted. */
function talkAt(row) {
  return `#reports/talk/${row.conversation_id}/${row.episode === null ? `day/${row.at}` : `episode/${row.episode}`}`;
}

export function Rows({ path, value }) {
  const list = useList(path);
  return html`
    <section class="card" data-testid="report-rows">
      <h3>${t("rows")}</h3>
      <${Loaded} state=${list}>${({ items }) => items.length === 0 ? html`<p class="muted">${t("nothing")}</p>` : html`
        <div class="reports-rows"><table>
          <thead><tr><th>${t("at")}</th><th>${t("channel_name")}</th>${value && html`<th>${t("value")}</th>`}<th>${t("behind")}</th></tr></thead>
          <tbody>${items.map((row) => html`
            <tr key=${`${row.at}-${row.conversation_id}-${row.ticket}`} data-testid="report-row">
              <td class="number">${moment(row.at)}</td><td>${t(`channel.${row.channel}`)}</td>${value && html`<td>${value(row)}</td>`}
              <td>${row.ticket ? html`<${TicketLink} number=${row.ticket} />` : html`<a href=${talkAt(row)} data-testid="to-talk">${t("talk", { id: row.conversation_id })}</a>`}</td>
            </tr>`)}</tbody>
        </table></div>
        ${list.more && html`<button class="wide" onClick=${list.more}>${t("more")}</button>`}`}<//>
    </section>
  `;
}
