// Times, money and names as an agent reads them.
import { signal } from "/static/vendor/preact.js";
import { language, t } from "/static/console/texts.js";

const locale = () => (language.value === "zh" ? "zh-CN" : "en-GB");

/** The present, renewed every ten seconds, so that waits and clocks move. */
export const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), 10000);

/** "3 分钟": the largest unit that says enough. */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return t("time.s", { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t("time.m", { n: minutes });
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? t("time.h", { n: hours }) : t("time.d", { n: Math.floor(hours / 24) });
}

export const since = (moment) => {
  const passed = now.value - Date.parse(moment);
  return passed < 60000 ? t("time.now") : duration(passed);
};

/** The insurer's zone, in which all times are told; the browser's own until somebody is signed in. */
export const timeZone = signal(undefined);

const formats = new Map();
function format(moment, given) {
  const options = { timeZone: timeZone.value, ...given };
  const key = locale() + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), options));
  return formats.get(key).format(new Date(moment));
}

export const clockTime = (moment) => format(moment, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const fullTime = (moment) => format(moment, { dateStyle: "medium", timeStyle: "medium" });
export const dayOf = (moment) => format(moment, { year: "numeric", month: "2-digit", day: "2-digit" });

const yearOf = (moment) => format(moment, { year: "numeric" });

/** "今天", "昨天", "11月20日 周五": the heading of a day. */
export function dayName(moment) {
  const day = dayOf(moment);
  if (day === dayOf(now.value)) return t("talk.today");
  if (day === dayOf(now.value - 86400000)) return t("talk.yesterday");
  const isThisYear = yearOf(moment) === yearOf(now.value);
  return format(moment, { month: "long", day: "numeric", weekday: "short", ...(isThisYear ? {} : { year: "numeric" }) });
}

/** A business date, "2026-11-22", without shifting it by the browser's zone. */
export function businessDate(text) {
  if (!text) return "";
  const noon = `${text}T12:00:00Z`;
  const isThisYear = format(noon, { year: "numeric", timeZone: "UTC" }) === yearOf(now.value);
  return format(noon, {
    timeZone: "UTC",
    month: "short",
    day: "numeric",
    ...(isThisYear ? {} : { year: "numeric" }),
  });
}

/** `{amount, currency}` as "¥4,200" or "¥3,200.50". */
export function money(value) {
  if (!value) return "";
  const amount = Number(value.amount);
  const digits = Number.isInteger(amount) ? 0 : 2;
  return new Intl.NumberFormat(locale(), {
    style: "currency",
    currency: value.currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount);
}

/** "+86 138 0000 1234", "+1 212 555 0142"; other countries in groups of three. */
export function phone(number) {
  if (!number) return "";
  const known = number.match(/^\+86(\d{3})(\d{4})(\d{4})$/) ?? number.match(/^\+1(\d{3})(\d{3})(\d{4})$/);
  if (known) return `${number.startsWith("+86") ? "+86" : "+1"} ${known.slice(1).join(" ")}`;
  return number.replace(/(\+\d{2})(\d{3})(\d{3})(\d+)/, "$1 $2 $3 $4");
}

/** A ticket's summary. The bot puts a complaint's class before the customer's words, as a code. */
export const summaryOf = (ticket) => ticket.summary.replace(/^(sales|charges|claims|privacy|service|other)(?= · )/, (one) => t(`complaint_class.${one}`));

/** Which clock runs: the first response, of complaints the first proposal, then the outcome. */
function runs(ticket) {
  if (!ticket.first_responded_at) return ["response", ticket.first_response_due_at];
  if (ticket.proposal_due_at && !ticket.proposed_at) return ["proposal", ticket.proposal_due_at];
  return ["resolution", ticket.resolution_due_at];
}

/** How a ticket's clock stands: which one runs, how long is left, and how worrying that is. */
export function clock(ticket) {
  if (ticket.status === "resolved") return null;
  const [name, moment] = runs(ticket);
  if (ticket.paused_at) return { name: t(`sla.${name}`), text: t("sla.paused"), mood: "paused" };
  const due = Date.parse(moment);
  const whole = due - Date.parse(ticket.opened_at);
  const left = due - now.value;
  const mood = left < 0 ? "over" : left < Math.max(whole * 0.15, 300000) ? "soon" : left < whole * 0.4 ? "mid" : "calm";
  return {
    name: t(`sla.${name}`),
    text: left < 0 ? t("sla.over", { time: duration(-left) }) : t("sla.left", { time: duration(left) }),
    mood,
  };
}
