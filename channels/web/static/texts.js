// Interface texts of the web chat. A key missing in one language is a bug that tests find.

import { en } from "./texts.en.js";
import { zhHans } from "./texts.zh-hans.js";
import { zhHant } from "./texts.zh-hant.js";

export const TEXTS = { "zh-Hans": zhHans, "zh-Hant": zhHant, en };

export function preferredLanguage(languages) {
  for (const tag of languages) {
    if (/^zh\b.*(hant|tw|hk|mo)/i.test(tag)) return "zh-Hant";
    if (/^zh\b/i.test(tag)) return "zh-Hans";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}
