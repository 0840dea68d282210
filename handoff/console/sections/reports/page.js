// Reports: the desk now, the figures of a period, what is behind them.
import { html } from "/static/vendor/preact.js";
import { place } from "/static/console/sections.js";
import { Choice, dayAgo, Select } from "/static/console/sections/kit.js";
import { channel, choose, isNow, period, setDays, span, step, t } from "/static/console/sections/reports/asking.js";
import { One } from "/static/console/sections/reports/figure.js";
import { Live } from "/static/console/sections/reports/live.js";
import { Figures, Volumes, VOLUMES } from "/static/console/sections/reports/overview.js";
import { Talk } from "/static/console/sections/reports/talk.js";
import { Volume } from "/static/console/sections/reports/volume.js";

const KINDS = ["day", "week", "month", "custom"];
const CHANNELS = ["wechat", "sms", "web"];

function Asking() {
  const { kind, since, until } = period.value;
  return html`
    <div class="toolbar" data-testid="asking">
      <${Choice} label=${t("period_name")} value=${kind} onChange=${choose} testid="period" options=${KINDS.map((one) => [one, t(`period.${one}`)])} />
      ${kind === "custom"
        ? html`
          <label class="reports-day">${t("from")} <input type="date" value=${since} max=${until} data-testid="since" onChange=${(event) => setDays(event.target.value, until)} /></label>
          <label class="reports-day">${t("to")} <input type="date" value=${until} min=${since} max=${dayAgo(0)} data-testid="until" onChange=${(event) => setDays(since, event.target.value)} /></label>`
        : html`
          <span class="reports-step">
            <button class="quiet icon" aria-label=${t("earlier")} title=${t("earlier")} data-testid="earlier" onClick=${() => step(-1)}>‹</button>
            <strong class="number" aria-live="polite" data-testid="span">${span()}</strong>
            <button class="quiet icon" aria-label=${t("later")} title=${t("later")} disabled=${isNow()} onClick=${() => step(1)}>›</button>
          </span>`}
      <${Select} label=${t("channel_name")} value=${channel.value} onChange=${(to) => (channel.value = to)} testid="channel" options=${[["", t("all_channels")], ...CHANNELS.map((one) => [one, t(`channel.${one}`)])]} />
    </div>
  `;
}

function Shown() {
  const [what, name] = place.value;
  if (what === "figure") return html`<${One} key=${name} name=${name} />`;
  if (what === "volume" && VOLUMES.includes(name)) return html`<${Volume} key=${name} by=${name} />`;
  return html`<${Figures} /><h3 class="reports-part">${t("volumes")}</h3><${Volumes} />`;
}

export function Page() {
  const [what, id, how, which] = place.value;
  if (what === "talk") return html`<div class="page reports"><${Talk} key=${place.value.join("/")} id=${id} how=${how} which=${which} /></div>`;
  return html`
    <div class="page reports">
      <header class="page-head"><h2>${t("sections.reports")}</h2><p>${t("lead")}</p></header>
      ${!what && html`<${Live} />`}
      <${Asking} />
      <${Shown} />
    </div>
  `;
}
