// What is wrong with a form stands at its fields, in the reader's language.
import { html, useEffect, useId, useState } from "/static/vendor/preact.js";
import { language } from "/static/console/texts.js";
import { wrong as texts } from "/static/console/texts.wrong.js";

/** What an error of the API says: by its rule or its reason where they are known, else in the API's own sentence. */
export function wordsOf({ rule, limit, error }, reasons = {}) {
  const { rules, reasons: known, other } = texts[language.value];
  const words = reasons[limit] ?? known[limit] ?? rules[rule];
  return words ? words.replace("{limit}", limit ?? "") : other.replace("{why}", error.replace(/^Value error, /, ""));
}

/** Which of `names` a field of the API is: the longest that its path holds; entries of lists count as their list. */
function nameOf(field, names) {
  const path = `.${field.replace(/\.\d+(?=\.|$)/g, "")}.`;
  return names.filter((name) => path.includes(`.${name}.`)).sort((one, other) => other.length - one.length)[0];
}

/**
 * `names` are the form's fields as the API calls them; `codes` tells at which of them a failure with a code of its own
 * stands, `{name_taken: "name"}`. `at(name)` are properties of the field, `words(name)` what stands below it.
 */
export function useWrong(names, codes = {}) {
  const id = useId();
  const [shown, setShown] = useState({ errors: [], isAsked: false });
  useEffect(() => {
    if (shown.isAsked) document.querySelector(`[aria-describedby^="${id}-"]`)?.focus();
  }, [shown]);
  const idOf = (name) => `${id}-${name.replaceAll(".", "-")}`;
  const of = (name) => shown.errors.filter((one) => one.name === name);
  const put = (errors, isAsked) => setShown({ errors, isAsked });
  /** Whether all that `problem` says could be said at fields; `own` are words for its code. */
  const mark = (problem, own, isAsked = false) => {
    const byCode = codes[problem.code] && [{ name: codes[problem.code], words: own ?? problem.message }];
    const errors = byCode || (problem.errors ?? []).map((one) => ({ name: nameOf(one.field, names), words: wordsOf(one) }));
    const placed = errors.filter((one) => one.name);
    put(placed, isAsked && placed.length > 0);
    return errors.length > 0 && placed.length === errors.length;
  };
  return {
    mark,
    /** As `mark`, after somebody asked to save: the first of the fields gets the focus. */
    show: (problem, own) => mark(problem, own, true),
    tell: (name, words) => put([{ name, words }], true),
    clear: () => shown.errors.length && put([], false),
    at: (name) => (of(name).length ? { "aria-invalid": "true", "aria-describedby": idOf(name) } : {}),
    words: (name) => of(name).length > 0 && html`<small class="wrong" id=${idOf(name)} role="alert" data-testid="wrong">${of(name).map((one) => one.words).join(language.value === "zh" ? "；" : "; ")}</small>`,
  };
}
