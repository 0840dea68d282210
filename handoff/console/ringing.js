// A ticket that rings at this agent: a banner on top, a tone until somebody does something.
import { effect, html, signal, useEffect, useState } from "/static/vendor/preact.js";
import { notify, sound } from "/static/console/alerts.js";
import { clock, summaryOf } from "/static/console/format.js";
import { Icon } from "/static/console/icons.js";
import { lists } from "/static/console/lists.js";
import { accept, me, mayWrite, open } from "/static/console/store.js";
import { t } from "/static/console/texts.js";

// Seconds between two tones, and how many there are.
const NORMAL = { every: 8000, times: 3, tone: "normal" };
const URGENT = { every: 3000, times: 20, tone: "urgent" };
// An urgent case that was put off calls again.
const URGENT_AGAIN = 60000;

/** Until when the agent wants to hear nothing of a ticket, by number. */
const putOff = signal({});
const ringsNow = (row) => !(putOff.value[row.number] > Date.now());

/** The tickets that ring now, the most urgent first. */
export const ringing = () => (mayWrite.value ? (lists.value.ringing?.items ?? []).filter(ringsNow) : []);

const isUrgent = (row) => row.urgency === "urgent" || row.kind === "urgent";

export function notNow(row) {
  const until = isUrgent(row) ? Date.now() + URGENT_AGAIN : Infinity;
  putOff.value = { ...putOff.value, [row.number]: until };
  if (isUrgent(row)) setTimeout(() => (putOff.value = { ...putOff.value }), URGENT_AGAIN + 100);
}

export async function takeRinging(row = ringing()[0]) {
  if (!row) return;
  await accept(row.number);
  location.hash = "desk";
  await open(row.number);
}

/** Once it rings elsewhere or is taken, putting it off is over: when it comes back it rings anew. */
function forget() {
  const numbers = new Set((lists.value.ringing?.items ?? []).map((row) => row.number));
  const kept = Object.entries(putOff.peek()).filter(([number]) => numbers.has(number));
  if (kept.length < Object.keys(putOff.peek()).length) putOff.value = Object.fromEntries(kept);
}

/** Begin to listen for tickets that ring. */
export function listenForRinging() {
  let timer = null;
  let number = null;
  effect(() => {
    if (me.value) forget();
    const row = me.value ? ringing()[0] : undefined;
    if (row?.number === number) return;
    clearInterval(timer);
    number = row?.number;
    if (!row) return;
    const { every, times, tone } = isUrgent(row) ? URGENT : NORMAL;
    let left = times - 1;
    sound(tone);
    notify("alerts.ticket", row);
    timer = setInterval(() => (left-- > 0 ? sound(tone) : clearInterval(timer)), every);
  });
}

function Words({ row }) {
  const state = clock(row);
  return html`
    <span class="ring-icon channel-${row.channel}"><${Icon} name=${row.channel} label=${t(`channel.${row.channel}`)} /></span>
    <div class="ring-words">
      <strong>${row.customer?.name ?? t("person.nobody")} <span class="kind kind-${row.kind}">${t(`kind.${row.kind}`)}</span></strong>
      <p>${summaryOf(row)}</p>
    </div>
    ${state && html`<span class="sla ${state.mood}"><${Icon} name="clock" size="13" />${state.text}</span>`}
  `;
}

function Ring({ row, others }) {
  const [busy, setBusy] = useState(false);
  useEffect(() => setBusy(false), [row.number]);
  const take = async () => {
    setBusy(true);
    await takeRinging(row);
    setBusy(false);
  };
  return html`
    <section class="ring ${isUrgent(row) ? "urgent" : ""}" role="alert" data-testid="ringing" aria-label=${t("ring.label")}>
      <span class="ring-bell"><${Icon} name="bell" size="20" /></span>
      <${Words} row=${row} />
      ${others > 0 && html`<span class="muted ring-more">${t("ring.more", { count: others })}</span>`}
      <span class="ring-actions">
        <button class="primary" data-testid="ring-accept" title="G" disabled=${busy} onClick=${take}>${t("talk.accept")}</button>
        <button data-testid="ring-later" onClick=${() => notNow(row)}>${t("ring.later")}</button>
      </span>
    </section>
  `;
}

export function Ringing() {
  const [first, ...others] = ringing();
  return first ? html`<${Ring} row=${first} others=${others.length} />` : null;
}
