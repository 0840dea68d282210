// What pages beside the desk share: reading, lists that go on, telling what went wrong, links to tickets.
import { html, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { get } from "/static/console/api.js";
import { clockTime, dayOf } from "/static/console/format.js";
import { Icon } from "/static/console/icons.js";
import { may, me } from "/static/console/session.js";
import { open } from "/static/console/store.js";
import { language, translator } from "/static/console/texts.js";
import { tell, tellProblem, wordsFor } from "/static/console/toasts.js";

export { may };

const t = translator({ zh: { copy: "复制", copied: "已复制" }, en: { copy: "Copy", copied: "Copied" } });

/** Day and minute of a moment. */
export const moment = (at) => `${dayOf(at)} ${clockTime(at)}`;

/** The insurer's day now, as the API writes days; the browser may be in another zone. */
export const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: me.value?.timezone }).format(new Date());

/** The insurer's day so many days ago. */
export function dayAgo(days) {
  const [year, month, day] = today().split("-").map(Number);
  return isoDay(new Date(year, month - 1, day - days));
}

export const isoDay = (date) => [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");

/** "Chrome · Windows" of what the browser calls itself; the whole in the title. */
export function browserName(agent) {
  const browser = ["Edg", "OPR", "Firefox", "Chrome", "Safari"].find((one) => agent.includes(`${one}/`));
  const system = ["iPhone", "iPad", "Android", "Windows", "Mac OS", "Linux"].find((one) => agent.includes(one));
  const names = { Edg: "Edge", OPR: "Opera", "Mac OS": "macOS" };
  const known = [browser, system].filter(Boolean).map((one) => names[one] ?? one);
  return known.join(" · ") || agent.slice(0, 60);
}

/** `?a=1&b=2` of what is set. */
export function query(values) {
  const set = Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return set.length ? `?${new URLSearchParams(set)}` : "";
}

/** What `path` answers: `{data, failed, read}`; what was there stays while it is asked, and when asking again fails for a moment. */
export function useRead(path) {
  const [state, setState] = useState({ path, data: null, failed: null });
  const latest = useRef(0);
  const read = async () => {
    const turn = ++latest.current;
    try {
      const data = await get(path);
      if (turn === latest.current) setState({ path, data, failed: null });
    } catch (failed) {
      const keep = (before) => before.path === path && before.data && failed.isPassing;
      if (turn === latest.current) setState((before) => (keep(before) ? before : { path, data: null, failed }));
    }
  };
  useEffect(() => {
    read();
    return () => latest.current++;
  }, [path]);
  // What is put is newer than what an answer on its way says.
  const put = (data) => (latest.current++, setState({ path, data, failed: null }));
  return { ...state, read, put };
}

/** A list that goes on: as `useRead`, with `more` when there is more. */
export function useList(path) {
  const list = useRead(path);
  const more = async () => {
    const before = list.data;
    try {
      const next = await get(`${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(before.next)}`);
      list.put({ ...next, items: [...before.items, ...next.items] });
    } catch (problem) {
      tellProblem(problem);
    }
  };
  return { ...list, more: list.data?.next ? more : null };
}

/** Loading, the failure with a way to try again, or the children. */
export function Loaded({ state, children }) {
  if (state.failed) {
    return html`<div class="card empty" role="alert"><strong>${wordsFor(state.failed)}</strong><button onClick=${state.read}>${t("retry")}</button></div>`;
  }
  if (!state.data) return html`<p class="muted loading">${t("loading")}</p>`;
  return children(state.data);
}

/**
 * Do it, say that it is done, and tell what went wrong in the page's own words if it has them: at the form's fields, by
 * `wrong` of `useWrong`, where they are named. Gives the answer, or null.
 */
export async function attempt(texts, work, done, wrong) {
  wrong?.clear();
  try {
    const answer = await work();
    if (done) tell(done);
    return answer ?? true;
  } catch (problem) {
    const own = texts[language.value].error?.[problem.code];
    if (wrong?.show(problem, own)) return null;
    if (own) tell(own, "bad");
    else tellProblem(problem);
    return null;
  }
}

/** A ticket's number that opens it at the desk. */
export function TicketLink({ number, children }) {
  const onClick = (event) => {
    event.preventDefault();
    open(number);
    location.hash = "desk";
  };
  return html`<a class="digits" href="#desk" data-testid="to-ticket" onClick=${onClick}>${children ?? number}</a>`;
}

export function BackLink({ href, children }) {
  return html`<a class="page-back" href=${href}><${Icon} name="back" size=${16} />${children}</a>`;
}

/** One of several, as buttons in a row. */
export function Choice({ label, options, value, onChange, testid }) {
  return html`
    <div class="one-of" role="group" aria-label=${label}>
      ${options.map(([key, words]) => html`<button type="button" key=${key} class="small" aria-pressed=${key === value} data-testid=${testid && `${testid}-${key}`} onClick=${() => onChange(key)}>${words}</button>`)}
    </div>
  `;
}

export function Select({ label, options, value, onChange, testid }) {
  return html`
    <select aria-label=${label} value=${value ?? ""} data-testid=${testid} onChange=${(event) => onChange(event.target.value)}>
      ${options.map(([key, words]) => html`<option key=${key} value=${key}>${words}</option>`)}
    </select>
  `;
}

/** What is shown this once: to be copied before it is gone. */
export function Secret({ value, hint, testid }) {
  const copy = () => navigator.clipboard.writeText(value).then(() => tell(t("copied")), tellProblem);
  return html`
    <div class="secret">
      <code class="digits" data-testid=${testid}>${value}</code>
      ${navigator.clipboard && html`<button type="button" class="small" onClick=${copy}>${t("copy")}</button>`}
      <p class="muted">${hint}</p>
    </div>
  `;
}
