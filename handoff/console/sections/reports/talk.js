// A conversation to read: one episode, or one day of it.
import { html } from "/static/vendor/preact.js";
import { BackLink, isoDay, Loaded, moment, query, TicketLink, useRead } from "/static/console/sections/kit.js";
import { t } from "/static/console/sections/reports/asking.js";
import { nameOf } from "/static/console/sections/reports/names.js";

function Entry({ entry }) {
  const words = entry.text.replace(/⟦[^⟧]*⟧/g, "•••");
  const intent = entry.intent && `${nameOf("intent", entry.intent)}${entry.confidence === null ? "" : ` ${Math.round(entry.confidence * 100)}%`}`;
  return html`
    <li class=${entry.direction}>
      <span class="muted">${moment(entry.occurred_at)} · ${entry.agent?.name ?? t(`speaker.${entry.speaker}`)}${entry.kind === "message" ? "" : ` · ${t(`entry_kind.${entry.kind}`)}`}${intent ? ` · ${intent}` : ""}</span>
      ${words && html`<p>${words}</p>`}
    </li>
  `;
}

export function Talk({ id, how, which }) {
  const asked = how === "day" ? { day: isoDay(new Date(which)) } : { episode: which };
  const state = useRead(`/reports/conversations/${id}${query(asked)}`);
  return html`
    <${BackLink} href="#reports">${t("back")}<//>
    <section class="card">
      <h3>${t("talk", { id })}</h3>
      <${Loaded} state=${state}>${({ items, tickets, is_cut: isCut }) => html`
        ${tickets.length > 0 && html`<p class="reports-kinds">${t("tickets")} ${tickets.map((number) => html`<${TicketLink} key=${number} number=${number} /> `)}</p>`}
        ${isCut && html`<p class="muted">${t("cut")}</p>`}
        ${items.length === 0 && html`<p class="muted">${t("nothing_said")}</p>`}
        <ol class="reports-talk" data-testid="talk">${items.map((entry) => html`<${Entry} key=${entry.id} entry=${entry} />`)}</ol>`}<//>
    </section>
  `;
}
