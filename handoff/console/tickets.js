// The left column: who waits, what is mine, what is done.
import { html, useEffect, useRef } from "/static/vendor/preact.js";
import { FilterBar } from "/static/console/filter_bar.js";
import { isNarrowed } from "/static/console/filters.js";
import { clock, fullTime, since, summaryOf } from "/static/console/format.js";
import { Icon } from "/static/console/icons.js";
import { lists, loadLists, loadMore, rows, tab, unread } from "/static/console/lists.js";
import { currentNumber, open } from "/static/console/store.js";
import { t } from "/static/console/texts.js";
import { tellProblem } from "/static/console/toasts.js";

const TABS = ["queue", "mine", "resolved"];

export function showTab(name) {
  tab.value = name;
  loadLists().catch(tellProblem);
}

function Tab({ name }) {
  const list = lists.value[name];
  const isOn = tab.value === name;
  const isUnread = name === "mine" && unread.value > 0;
  return html`
    <button role="tab" id="tab-${name}" aria-selected=${isOn} aria-controls="ticket-list" tabindex=${isOn ? 0 : -1} data-testid="tab-${name}" onClick=${() => showTab(name)}>
      ${t(`tabs.${name}`)}
      ${list && name !== "resolved" && html`<span class="count">${list.items.length}${list.next ? "+" : ""}</span>`}
      ${isUnread && html`<span class="unread-dot" title=${t("list.unread", { count: unread.value })}></span>`}
    </button>
  `;
}

function Tabs() {
  const onKey = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    showTab(TABS[(TABS.indexOf(tab.value) + step + TABS.length) % TABS.length]);
    requestAnimationFrame(() => document.getElementById(`tab-${tab.value}`)?.focus());
  };
  return html`<div class="tabs" role="tablist" onKeyDown=${onKey}>${TABS.map((name) => html`<${Tab} name=${name} key=${name} />`)}</div>`;
}

function Clock({ row }) {
  const state = clock(row);
  if (!state) return html`<span class="sla done"><${Icon} name="check" size="13" />${t(`outcome.${row.outcome}`)}</span>`;
  const mark = row.escalated_at ? "breached" : row.warned_at ? "near" : null;
  return html`
    <span class="sla ${state.mood}" title="${state.name} · ${state.text}"><${Icon} name=${row.paused_at ? "pause" : "clock"} size="13" />${state.text}</span>
    ${mark && html`<span class="mark ${mark}" role="img" aria-label=${t(`standard.${mark}`)} title=${t(`standard.${mark}`)}>!</span>`}
  `;
}

/** How long ago: drawn anew as time goes by, without the row around it. */
function Age({ row }) {
  const moment = row.resolved_at ?? row.accepted_at ?? row.opened_at;
  return html`
    <time class="row-time" datetime=${moment} title=${fullTime(moment)}>
      ${row.status === "queued" ? t("list.waited", { time: since(row.opened_at) }) : since(moment)}
    </time>
  `;
}

/** How often rows were drawn, for who measures the page. */
export const drawn = { rows: 0 };

function Row({ row }) {
  drawn.rows++;
  const isOn = currentNumber.value === row.number;
  const element = useRef(null);
  useEffect(() => {
    if (isOn) element.current?.scrollIntoView({ block: "nearest" });
  }, [isOn]);
  return html`
    <button
      ref=${element}
      class="ticket-row priority-${Math.min(row.priority, 3)}"
      data-testid="ticket-row"
      data-number=${row.number}
      aria-current=${isOn ? "true" : undefined}
      onClick=${() => open(row.number)}
    >
      <span class="row-channel channel-${row.channel}"><${Icon} name=${row.channel} label=${t(`channel.${row.channel}`)} /></span>
      <span class="row-name ${row.customer ? "" : "unknown"}">${row.customer?.name ?? t("person.nobody")}</span>
      <${Age} row=${row} />
      <span class="row-summary">${summaryOf(row)}</span>
      <span class="row-facts">
        <span class="kind kind-${row.kind}">${t(`kind.${row.kind}`)}</span>
        ${row.priority === 0 && row.kind !== "urgent" && html`<span class="kind kind-urgent">${t("kind.urgent")}</span>`}
        <${Clock} row=${row} />
        <span class="space"></span>
        ${row.language === "en" && html`<span class="row-language" title="English">EN</span>`}
        ${row.unread > 0 && row.status !== "resolved" && html`<span class="unread" aria-label=${t("list.unread", { count: row.unread })}>${Math.min(row.unread, 99)}</span>`}
      </span>
    </button>
  `;
}

function Empty() {
  const name = isNarrowed() ? "filter" : tab.value;
  return html`
    <div class="empty">
      <${Icon} name=${name === "filter" ? "search" : name === "queue" ? "inbox" : "chat"} size="30" />
      <strong>${t(`list.empty_${name}`)}</strong>
      <p>${t(`list.empty_${name}_hint`)}</p>
    </div>
  `;
}

export function Tickets() {
  const list = lists.value[tab.value];
  return html`
    <nav class="tickets" aria-label=${t("list.label")}>
      <${Tabs} />
      <${FilterBar} />
      <div class="ticket-list" id="ticket-list" role="tabpanel" aria-labelledby="tab-${tab.value}" data-testid="queue">
        ${!list && html`<p class="muted loading">${t("loading")}</p>`}
        ${rows.value.map((row) => html`<${Row} row=${row} key=${row.number} />`)}
        ${list && !rows.value.length && html`<${Empty} />`}
        ${list?.next && html`<button class="quiet wide" onClick=${() => loadMore(tab.value).catch(tellProblem)}>${t("list.more")}</button>`}
      </div>
    </nav>
  `;
}
