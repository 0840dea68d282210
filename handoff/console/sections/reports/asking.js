// Which days and which channel are looked at; kept while one moves between the reports.
import { signal } from "/static/vendor/preact.js";
import { businessDate } from "/static/console/format.js";
import { translator } from "/static/console/texts.js";
import { dayAgo, isoDay, query } from "/static/console/sections/kit.js";
import { texts } from "/static/console/sections/reports/texts.js";

export const t = translator(texts);
const plus = (date, days) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);
const parsed = (day) => new Date(`${day}T00:00:00`);
const length = ({ since, until }) => Math.round((parsed(until) - parsed(since)) / 86400000) + 1;

/** The day, week (from Monday) or month in which `date` lies, as far as it has come. */
function around(kind, date) {
  const monday = plus(date, -((date.getDay() + 6) % 7));
  const first = { day: date, week: monday, month: new Date(date.getFullYear(), date.getMonth(), 1) }[kind];
  const last = { day: date, week: plus(monday, 6), month: new Date(date.getFullYear(), date.getMonth() + 1, 0) }[kind];
  const today = dayAgo(0);
  return { kind, since: isoDay(first), until: isoDay(last) > today && isoDay(first) <= today ? today : isoDay(last) };
}

/** `{kind: day | week | month | custom, since, until}` of whole days, `until` included. */
export const period = signal(around("month", parsed(dayAgo(0))));
export const channel = signal("");

export function choose(kind) {
  period.value = kind === "custom" ? { ...period.value, kind } : around(kind, parsed(dayAgo(0)));
}

/** One period further or back. */
export function step(by) {
  const { kind, since } = period.value;
  const first = parsed(since);
  if (kind === "month") period.value = around("month", new Date(first.getFullYear(), first.getMonth() + by, 1));
  else if (kind === "custom") period.value = shifted(by * length(period.value));
  else period.value = around(kind, plus(first, by * (kind === "week" ? 7 : 1)));
}

function shifted(days) {
  const { kind, since, until } = period.value;
  return { kind, since: isoDay(plus(parsed(since), days)), until: isoDay(plus(parsed(until), days)) };
}

export function setDays(since, until) {
  if (since && until && since <= until) period.value = { kind: "custom", since, until };
}

/** The first of the days that this period is compared with: the same weekdays, or the same days of the month before. */
function against({ kind, since, until }) {
  const first = parsed(since);
  if (kind === "week") return isoDay(plus(first, -7));
  if (kind === "month") return isoDay(new Date(first.getFullYear(), first.getMonth() - 1, 1));
  return isoDay(plus(first, -length({ since, until })));
}

export const isNow = () => period.value.until >= dayAgo(0);

/** The query that every report of this period takes. */
export const asked = (more = {}) =>
  query({ since: period.value.since, until: period.value.until, channel: channel.value, against: against(period.value), ...more });

export const span = () => {
  const { since, until } = period.value;
  return since === until ? businessDate(since) : `${businessDate(since)} – ${businessDate(until)}`;
};
