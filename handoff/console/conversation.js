// The middle column: whose turn it is, what was said, and the place to answer.
import { html, useEffect, useLayoutEffect, useRef, useState } from "/static/vendor/preact.js";
import { timeline, Timeline } from "/static/console/bubbles.js";
import { Brief } from "/static/console/brief.js";
import { Composer } from "/static/console/composer.js";
import { clock } from "/static/console/format.js";
import { MoreMenu, WaitButton } from "/static/console/head_menu.js";
import { Icon } from "/static/console/icons.js";
import { typing } from "/static/console/live.js";
import { startResolving } from "/static/console/resolve.js";
import { panel } from "/static/console/shortcuts.js";
import { States } from "/static/console/states.js";
import { accept, currentNumber, entries, isMine, mayWrite, open, ticket } from "/static/console/store.js";
import { t } from "/static/console/texts.js";

function AcceptButton({ number }) {
  const [busy, setBusy] = useState(false);
  const onClick = async () => {
    setBusy(true);
    await accept(number);
    setBusy(false);
  };
  return html`<button class="primary" data-testid="accept" disabled=${busy} title="A" onClick=${onClick}>${t(busy ? "talk.accepting" : "talk.accept")}</button>`;
}

function Actions({ shown }) {
  const isOpen = shown.status !== "resolved";
  return html`
    ${shown.status === "queued" && mayWrite.value && html`<${AcceptButton} number=${shown.number} key=${shown.number} />`}
    ${isOpen && isMine.value && html`<button data-testid="resolve" title="E" onClick=${startResolving}><${Icon} name="check" size="16" /><span class="long">${t("talk.resolve")}</span><span class="short">${t("talk.resolve_short")}</span></button>`}
    <${WaitButton} />
    <${MoreMenu} />
    <button class="quiet icon customer-toggle" aria-label=${t("talk.customer")} title=${t("talk.customer")} aria-expanded=${panel.value} onClick=${() => (panel.value = !panel.value)}><${Icon} name="person" /></button>
  `;
}

function Facts({ shown }) {
  const state = clock(shown);
  return html`
    <span class="talk-facts">
      <span class="with-icon channel-${shown.channel}"><${Icon} name=${shown.channel} size="14" />${t(`channel.${shown.channel}`)}</span>
      <span class="language">${t(`language.${shown.language}`)}</span>
      <span class="number">${shown.number}</span>
      ${shown.status === "resolved"
        ? html`<span>${t("talk.done", { outcome: t(`outcome.${shown.outcome}`) })}</span>`
        : html`<span class="answers ${shown.mode}">${t(`talk.by_${shown.mode}`)}</span>`}
      ${shown.position && html`<span>${t("talk.position", { place: shown.position })}</span>`}
      ${shown.agent && !isMine.value && html`<span>${t("talk.with", { name: shown.agent.name })}</span>`}
      ${shown.reopened > 0 && html`<span>${t("talk.reopened", { count: shown.reopened })}</span>`}
      ${shown.escalated_at && html`<span class="pill bad">${t("standard.breached")}</span>`}
      ${state && html`<span class="sla ${state.mood}"><${Icon} name="clock" size="13" />${state.name} ${state.text}</span>`}
    </span>
  `;
}

function Head({ shown }) {
  return html`
    <header class="talk-head">
      <button class="quiet icon back" aria-label=${t("back")} onClick=${() => open(null)}><${Icon} name="back" /></button>
      <div class="talk-title">
        <h2>
          ${shown.customer?.name ?? t("person.nobody")}
          <span class="kind kind-${shown.kind}">${t(`kind.${shown.kind}`)}</span>
          ${shown.priority <= 1 && shown.kind !== "urgent" && html`<span class="kind priority-${shown.priority}">${t(`rank.${shown.priority}`)}</span>`}
        </h2>
        <${Facts} shown=${shown} />
      </div>
      <div class="talk-actions"><${Actions} shown=${shown} /></div>
    </header>
  `;
}

/** Stays at the newest entry while the reader is there, and says so when newer ones came meanwhile. */
function useNewest(count, number) {
  const box = useRef(null);
  const atEnd = useRef(true);
  const [hasNewer, setHasNewer] = useState(false);
  const toEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
    setHasNewer(false);
  };
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    atEnd.current = scrollHeight - scrollTop - clientHeight < 60;
    if (atEnd.current) setHasNewer(false);
  };
  useEffect(() => {
    atEnd.current = true;
    toEnd();
  }, [number]);
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
    else setHasNewer(true);
  }, [count]);
  useEffect(() => {
    // A composer that grows or a rotated tablet must not hide the newest words.
    const observer = new ResizeObserver(() => atEnd.current && toEnd());
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, [number]);
  return { box, onScroll, hasNewer, toEnd };
}

function Typing() {
  const who = typing.value;
  return html`
    <p class="typing ${who ? "" : "nobody"}" aria-live="polite">
      ${who && html`<span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>${who.speaker === "customer" ? t("talk.typing_customer") : t("talk.typing_agent", { name: who.name })}`}
    </p>
  `;
}

function Foot({ shown }) {
  if (shown.status === "resolved") return null;
  if (!mayWrite.value) return html`<p class="talk-foot muted">${t("talk.reader")}</p>`;
  if (shown.status === "queued") return html`<p class="talk-foot muted">${t("talk.takes")}</p>`;
  return html`
    ${!isMine.value && html`<p class="talk-foot muted">${t("talk.other_agent", { name: shown.agent?.name })}</p>`}
    <${Composer} shown=${shown} key=${shown.number} />
  `;
}

function OpenTicket({ shown }) {
  const items = timeline();
  const { box, onScroll, hasNewer, toEnd } = useNewest(items.length, shown.number);
  return html`
    <${Head} shown=${shown} />
    <${Brief} shown=${shown} />
    <div class="talk-body">
      <div class="timeline" ref=${box} onScroll=${onScroll} data-testid="conversation" tabindex="0" role="log" aria-label=${shown.customer?.name ?? shown.number}>
        ${entries.value ? html`<${Timeline} items=${items} />` : html`<p class="muted loading">${t("talk.loading")}</p>`}
        ${entries.value && !items.length && html`<p class="muted loading">${t("talk.empty")}</p>`}
        <${Typing} />
      </div>
      ${hasNewer && html`<button class="newer" onClick=${toEnd}><${Icon} name="down" size="14" />${t("talk.newer")}</button>`}
    </div>
    <${States} shown=${shown} />
    <${Foot} shown=${shown} />
  `;
}

export function Conversation() {
  if (!currentNumber.value) {
    return html`
      <main class="talk">
        <div class="empty big"><${Icon} name="chat" size="40" /><strong>${t("talk.none")}</strong><p>${t("talk.none_hint")}</p></div>
      </main>
    `;
  }
  if (!ticket.value) return html`<main class="talk"><p class="muted loading">${t("talk.loading")}</p></main>`;
  return html`<main class="talk"><${OpenTicket} shown=${ticket.value} key=${ticket.value.number} /></main>`;
}
