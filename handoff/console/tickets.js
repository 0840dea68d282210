// The left column: who waits, what is mine, what is done.
import { html, useEffect, useRef } from "/static/vendor/preact.js";
import { clock, fullTime, since } from "/static/console/format.js";
import { Icon } from "/static/console/icons.js";
import { currentNumber, filter, lists, loadLists, loadMore, open, rows, tab } from "/static/console/store.js";
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
  const unread = name === "mine" ? (list?.items.reduce((sum, row) => sum + row.unread, 0) ?? 0) : 0;
  return html`
    <button role="tab" id="tab-${name}" aria-selected=${isOn} aria-controls="ticket-list" tabindex=${isOn ? 0 : -1} data-testid="tab-${name}" onClick=${() => showTab(name)}>
      ${t(`tabs.${name}`)}
      ${list && name !== "resolved" && html`<span class="count">${list.items.length}${list.next ? "+" : ""}</span>`}
      ${unread > 0 && html`<span class="unread-dot" title=${t("list.unread", { count: unread })}></span>`}
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
  return html`<span class="sla ${state.mood}" title="${state.name} · ${state.text}"><${Icon} name="clock" size="13" />${state.text}</span>`;
}

function Row({ row }) {
  const isOn = currentNumber.value === row.number;
  const element = useRef(null);
  useEffect(() => {
    if (isOn) element.current?.scrollIntoView({ block: "nearest" });
  }, [isOn]);
  const moment = row.resolved_at ?? row.accepted_at ?? row.opened_at;
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
      <time class="row-time" datetime=${moment} title=${fullTime(moment)}>
        ${row.status === "queued" ? t("list.waited", { time: since(row.opened_at) }) : since(moment)}
      </time>
      <span class="row-summary">${row.summary}</span>
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
  const name = filter.value.trim() ? "filter" : tab.value;
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
      <label class="filter">
        <${Icon} name="search" size="15" />
        <input type="search" placeholder=${t("list.filter")} aria-label=${t("list.filter")} value=${filter.value} onInput=${(event) => (filter.value = event.target.value)} />
      </label>
      <div class="ticket-list" id="ticket-list" role="tabpanel" aria-labelledby="tab-${tab.value}" data-testid="queue">
        ${!list && html`<p class="muted loading">${t("loading")}</p>`}
        ${rows.value.map((row) => html`<${Row} row=${row} key=${row.number} />`)}
        ${list && !rows.value.length && html`<${Empty} />`}
        ${list?.next && !filter.value && html`<button class="quiet wide" onClick=${() => loadMore(tab.value).catch(tellProblem)}>${t("list.more")}</button>`}
      </div>
    </nav>
  `;
}
