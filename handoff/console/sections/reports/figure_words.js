// A figure as people read it.
import { t } from "/static/console/sections/reports/asking.js";

const one = (value) => String(Math.round(value * 10) / 10);

/** "85.3%", "18 min", "5.2 h", "4.6". */
export function shown(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "share") return `${one(value * 100)}%`;
  if (unit === "minutes") return value >= 180 ? t("unit.hours", { n: one(value / 60) }) : t("unit.minutes", { n: one(value) });
  if (unit === "hours") return value >= 72 ? t("unit.days", { n: one(value / 24) }) : t("unit.hours", { n: one(value) });
  return String(Math.round(value * 100) / 100);
}

/** How it moved since the period before: `{words, mood}`; null when there is nothing to compare. */
export function moved({ value, previous, unit, more_is_better: isUpGood }) {
  if (value === null || previous === null) return null;
  const change = value - previous;
  const words = unit === "share" ? t("unit.points", { n: one(Math.abs(change) * 100) }) : shown(Math.abs(change), unit);
  const isSame = words === (unit === "share" ? t("unit.points", { n: "0" }) : shown(0, unit));
  if (isSame) return { words: t("same"), mood: "plain" };
  return { words: `${change > 0 ? "▲" : "▼"} ${words}`, mood: change > 0 === isUpGood ? "good" : "bad" };
}

/** Whether the target is reached; null without a target or a value. */
export function reaches({ value, target, more_is_better: isUpGood }) {
  if (value === null || target === null) return null;
  return isUpGood ? value >= target : value <= target;
}

/** What one row behind the figure says: of shares whether it counts, else its value. */
export const rowWords = (name, unit, value) => (unit === "share" ? t(`row.${name}.${value >= 0.5 ? "yes" : "no"}`) : shown(value, unit));
