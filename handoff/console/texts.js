// The interface's words in Chinese and English; `t("key", {name})` gives the one for the chosen language.
import { signal } from "/static/vendor/preact.js";
import { compose } from "/static/console/texts.compose.js";
import { desk } from "/static/console/texts.desk.js";
import { en as english } from "/static/console/texts.en.js";
import { zh as chinese } from "/static/console/texts.zh.js";

const STORED = "anda.console.language";
/** The groups of both, each with the words of both. */
const widened = (words, more) => ({ ...words, ...Object.fromEntries(Object.entries(more).map(([name, group]) => [name, { ...words[name], ...group }])) });
const zh = widened(widened(chinese, desk.zh), compose.zh);
const en = widened(widened(english, desk.en), compose.en);

const preferred = () => (navigator.language.startsWith("zh") ? "zh" : "en");

export const language = signal(localStorage.getItem(STORED) ?? preferred());

export function setLanguage(chosen) {
  localStorage.setItem(STORED, chosen);
  language.value = chosen;
  document.documentElement.lang = chosen === "zh" ? "zh-Hans" : "en";
}

function lookUp(key, catalogue = { zh, en }) {
  return key.split(".").reduce((part, name) => part?.[name], catalogue[language.value]);
}

/** `t` for a section's own catalogue `{zh, en}`; what it lacks is looked up in the console's. */
export const translator = (catalogue) => (key, values = {}) => {
  const words = lookUp(key, catalogue) ?? lookUp(key);
  if (typeof words !== "string") return key.split(".").pop().replaceAll("_", " ");
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
};

/** The words for `key`, `{placeholders}` filled; the key's own end when there are none. */
export const t = translator({ zh, en });

/** Whether there are words for `key`. */
export const has = (key) => typeof lookUp(key) === "string";

/** The name of something that the API names in both languages, `{zh, en}`. */
export const named = (names) => names?.[language.value] ?? names?.zh ?? names?.en ?? "";
