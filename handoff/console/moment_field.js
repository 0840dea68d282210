// A moment as a form asks for it: the insurer's day and clock, wherever the browser is.
import { html } from "/static/vendor/preact.js";
import { timeZone } from "/static/console/format.js";
import { language, t } from "/static/console/texts.js";

const PARTS = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };

/** How many milliseconds the insurer's clock is ahead of UTC at this moment. */
function ahead(at) {
  const second = Math.floor(at / 1000) * 1000;
  const parts = new Intl.DateTimeFormat("en-US", { ...PARTS, hourCycle: "h23", timeZone: timeZone.value }).formatToParts(second);
  const of = Object.fromEntries(parts.map((part) => [part.type, Number(part.value)]));
  return Date.UTC(of.year, of.month - 1, of.day, of.hour, of.minute, of.second) - second;
}

/** What `datetime-local` shows for a moment of the API. */
export function typedOf(moment) {
  const at = Date.parse(moment);
  return new Date(at + ahead(at)).toISOString().slice(0, 16);
}

/** The moment for the API of what was typed; the offset is asked twice, for the hours at which clocks are put. */
export function momentOf(typed) {
  const wall = Date.parse(`${typed}Z`);
  return new Date(wall - ahead(wall - ahead(wall))).toISOString();
}

/** Tomorrow at ten, as it would be typed. */
export const tomorrowAtTen = () => `${typedOf(new Date(Date.now() + 86400000)).slice(0, 10)}T10:00`;

/** "中国标准时间", "China Standard Time". */
function zoneName() {
  const locale = language.value === "zh" ? "zh-CN" : "en-GB";
  const parts = new Intl.DateTimeFormat(locale, { timeZone: timeZone.value, timeZoneName: "long" }).formatToParts(new Date());
  return parts.find((part) => part.type === "timeZoneName").value;
}

/** A labelled field for day and time, which says whose time it is, and by `wrong` what is wrong; the rest goes to the input. */
export function MomentField({ label, wrong, ...rest }) {
  return html`
    <label class="field">
      <span>${label}</span><input type="datetime-local" aria-describedby="moment-zone" ...${wrong?.at(rest.name)} ...${rest} />${wrong?.words(rest.name)}
      <small class="hint" id="moment-zone" data-testid="moment-zone">${t("time.zone", { zone: zoneName() })}</small>
    </label>
  `;
}
