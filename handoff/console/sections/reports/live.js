// The desk at this moment, read anew every fifteen seconds.
import { html, useEffect } from "/static/vendor/preact.js";
import { since } from "/static/console/format.js";
import { Loaded, query, useRead } from "/static/console/sections/kit.js";
import { channel, t } from "/static/console/sections/reports/asking.js";

const EVERY = 15000;

function Count({ name, value, mood, hint }) {
  return html`<div class="figure ${mood && value ? `reports-${mood}` : ""}" data-testid="live-${name}"><strong>${value}</strong><span>${t(`live.${name}`)}${hint ? ` · ${hint}` : ""}</span></div>`;
}

export function Live() {
  const state = useRead(`/reports/live${query({ channel: channel.value })}`);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && state.read(), EVERY);
    return () => clearInterval(timer);
  }, [channel.value]);
  return html`
    <section class="card" aria-label=${t("live.title")}>
      <h3>${t("live.title")}</h3>
      <${Loaded} state=${state}>${(live) => html`
        <div class="reports-live">
          <${Count} name="queued" value=${live.queued} hint=${live.oldest_queued_at && t("live.oldest", { time: since(live.oldest_queued_at) })} />
          <${Count} name="assigned" value=${live.assigned} />
          <${Count} name="waiting" value=${live.waiting} />
          <${Count} name="due_within_an_hour" value=${live.due_within_an_hour} mood="warn" />
          <${Count} name="broken" value=${live.broken} mood="bad" />
          <${Count} name="customers_writing" value=${live.customers_writing} />
        </div>
        ${Object.keys(live.open_by_kind).length > 0 && html`<p class="reports-kinds">${Object.entries(live.open_by_kind).map(([kind, count]) => html`<span class="kind kind-${kind}" key=${kind}>${t(`kind.${kind}`)} ${count}</span>`)}</p>`}`}<//>
    </section>
  `;
}
