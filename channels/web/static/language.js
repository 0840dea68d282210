// The interface's language: chosen by the customer, remembered, else the browser's.

import { signal } from "/static/vendor/preact.js";
import { keep, kept } from "./storage.js";
import { TEXTS, preferredLanguage } from "./texts.js";

const KEY = "anda.language";
const saved = kept(KEY);
// An embedding site may name the language of its page.
const asked = new URLSearchParams(location.search).get("language");

export const language = signal(saved in TEXTS ? saved : preferredLanguage([asked ?? "", ...navigator.languages]));

export function choose(tag) {
  language.value = tag;
  keep(KEY, tag);
}

export const t = (key) => TEXTS[language.value][key];

export function clockTime(at) {
  return new Date(at).toLocaleTimeString(language.value, { hour: "2-digit", minute: "2-digit", hour12: false });
}

export function dayName(day) {
  const today = new Date();
  const days = Math.round((new Date(today).setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  const year = day.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return day.toLocaleDateString(language.value, { year, month: "long", day: "numeric", weekday: "short" });
}
