// Delivery: messages that failed for good, by kind, to be tried again or put aside.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { get, newKey, post } from "/static/console/api.js";
import { fullTime } from "/static/console/format.js";
import { Dialog } from "/static/console/resolve.js";
import { language, translator } from "/static/console/texts.js";
import { tell, tellProblem } from "/static/console/toasts.js";
import { texts } from "/static/console/sections/delivery/texts.js";

const t = translator(texts);
const EVERY = 5000;
const LENGTH = 50;

// Reasons hold dots and spaces, which `t` would take for a path.
const reasonWords = (reason) => texts[language.value].reason[reason] ?? t("other_reason", { code: reason });

const isSame = (one, other) => one?.direction === other?.direction && one?.reason === other?.reason;

function Kinds({ counts, kind, choose }) {
  return html`
    <div class="kinds" role="group" aria-label=${t("column.reason")}>
      <button aria-pressed=${kind === null} data-testid="kind-all" onClick=${() => choose(null)}>${t("all")} <strong>${counts.total}</strong></button>
      ${counts.items.map(
        (one) => html`
          <button key=${`${one.direction}:${one.reason}`} aria-pressed=${isSame(one, kind)} data-testid="kind" title=${t(`direction.${one.direction}`)} onClick=${() => choose(one)}>
            ${reasonWords(one.reason)} <strong>${one.count}</strong>
          </button>
        `,
      )}
    </div>
  `;
}

function Row({ letter, act }) {
  const isCode = letter.lane === "code";
  return html`
    <tr data-testid="dead-letter">
      <td class="words">
        ${letter.text || html`<span class="muted">${t("no_text")}</span>`}
        <div class="muted">${t(`direction.${letter.direction}`)}${letter.lane && html` · ${t(`lane.${letter.lane}`)}`}${letter.customer_id && html` · <a href="#customers/${letter.customer_id}">${t("to_customer")}</a>`}</div>
      </td>
      <td><span class="pill bad">${reasonWords(letter.reason)}</span></td>
      <td>${t(`channel.${letter.channel}`)}</td>
      <td class="muted">${fullTime(letter.created_at)}</td>
      <td>
        <div class="acts">
          ${!isCode && html`<button class="small" data-testid="replay" onClick=${() => act("replay", { ids: [letter.id] })}>${t(letter.direction === "inbound" ? "replay_in" : "replay_out")}</button>`}
          <button class="quiet small" data-testid="dismiss" onClick=${() => act("dismiss", { ids: [letter.id] }, 1)}>${t("dismiss")}</button>
        </div>
      </td>
    </tr>
  `;
}

function Sure({ asked, close, go }) {
  return html`
    <${Dialog} title=${t(`sure_${asked.act}`, { count: asked.count })} onClose=${close}>
      <form onSubmit=${(event) => (event.preventDefault(), go())}>
        <p class="muted">${t(`sure_${asked.act}_hint`)}</p>
        <footer><button type="button" onClick=${close}>${t("cancel")}</button><button class="primary" data-testid="sure">${t("yes")}</button></footer>
      </form>
    <//>
  `;
}

function tellOutcome(act, outcome) {
  if (outcome.done.length) tell(t(`done_${act}`, { count: outcome.done.length }), "good");
  const whys = [...new Set(outcome.skipped.map((one) => t(`why.${one.why}`)))];
  if (whys.length) tell(t("skipped", { count: outcome.skipped.length, why: whys.join(" / ") }), outcome.done.length ? "good" : "bad");
}

export function Page() {
  const [counts, setCounts] = useState({ total: 0, items: [] });
  const [kind, choose] = useState(null);
  const [page, setPage] = useState(null);
  const [asked, ask] = useState(null);
  const filter = kind ? `&direction=${kind.direction}&reason=${encodeURIComponent(kind.reason)}` : "";

  const load = async () => {
    try {
      setCounts(await get("/dead-letters/counts"));
      setPage(await get(`/dead-letters?limit=${LENGTH}${filter}`));
    } catch (problem) {
      tellProblem(problem);
    }
  };
  const more = async () => {
    const following = await get(`/dead-letters?limit=${LENGTH}${filter}&cursor=${page.next}`).catch(tellProblem);
    if (following) setPage({ items: [...page.items, ...following.items], next: following.next });
  };
  useEffect(() => {
    load();
    const timer = setInterval(() => get("/dead-letters/counts").then(setCounts).catch(() => {}), EVERY);
    return () => clearInterval(timer);
  }, [filter]);

  const go = async (act, chosen) => {
    ask(null);
    try {
      tellOutcome(act, await post(`/dead-letters/${act}`, chosen, newKey()));
    } catch (problem) {
      tellProblem(problem);
    }
    load();
  };
  // What cannot be taken back, or touches many, is asked about first.
  const act = (name, chosen, count) => (count ? ask({ act: name, chosen, count }) : go(name, chosen));
  const ofKind = kind && { kind: { direction: kind.direction, reason: kind.reason } };
  const count = kind && (counts.items.find((one) => isSame(one, kind))?.count ?? 0);

  return html`
    <div class="page delivery">
      <header class="page-head">
        <h2>${t("title")}</h2>
        ${kind !== null && count > 0 && html`
          <button data-testid="dismiss-all" onClick=${() => act("dismiss", ofKind, count)}>${t("dismiss_all")}</button>
          <button class="primary" data-testid="replay-all" onClick=${() => act("replay", ofKind, count)}>${t("replay_all", { count })}</button>`}
        <p>${t("lead")}</p>
      </header>
      <${Kinds} counts=${counts} kind=${kind} choose=${choose} />
      ${page === null && html`<p class="muted">${t("loading")}</p>`}
      ${page?.items.length === 0 && html`<div class="card empty"><strong>${t(kind ? "none_filtered" : "none")}</strong>${!kind && t("none_hint")}</div>`}
      ${page?.items.length > 0 && html`
        <div class="table">
          <table>
            <thead><tr><th>${t("column.what")}</th><th>${t("column.reason")}</th><th>${t("column.channel")}</th><th>${t("column.at")}</th><th></th></tr></thead>
            <tbody>${page.items.map((letter) => html`<${Row} key=${letter.id} letter=${letter} act=${act} />`)}</tbody>
          </table>
        </div>`}
      ${page?.next && html`<button onClick=${more}>${t("more")}</button>`}
      ${asked && html`<${Sure} asked=${asked} close=${() => ask(null)} go=${() => go(asked.act, asked.chosen)} />`}
    </div>
  `;
}
