// Wording: Chinese and English, for proved readers and for mere phone numbers, with a live preview.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { Dialog } from "/static/console/resolve.js";
import { useLeaveGuard } from "/static/console/sections.js";
import { named } from "/static/console/texts.js";
import { tell } from "/static/console/toasts.js";
import { useWrong } from "/static/console/wrong.js";
import { go, listTemplates, may, previewTemplate, resetTemplate, saveTemplate, t, tellFailure } from "/static/console/sections/notices/calls.js";

const TEXTS = ["zh", "zh_discreet", "en", "en_discreet"];
const LANGUAGES = ["zh-Hans", "zh-Hant", "en"];

function useTemplates() {
  const [items, setItems] = useState(null);
  const load = () => listTemplates().then((found) => setItems(found.items)).catch(tellFailure);
  useEffect(() => void load(), []);
  return [items, load];
}

/** How `wording` of the template reads, in each language, to proved readers and to mere numbers; `wrong` marks its fields. */
export function Preview({ name, wording, wrong }) {
  const [shown, setShown] = useState({ items: [], problem: null });
  const isUnwritten = TEXTS.some((text) => !wording[text].trim());
  useEffect(() => {
    if (isUnwritten) return undefined;
    let isCurrent = true;
    const waiting = setTimeout(() => {
      previewTemplate(name, Object.fromEntries(TEXTS.map((text) => [text, wording[text]])))
        .then((found) => isCurrent && (wrong?.clear(), setShown({ items: found.items, problem: null })))
        .catch((problem) => isCurrent && setShown({ items: [], problem: wrong?.mark(problem) ? null : problem, isMarked: true }));
    }, 300);
    return () => {
      isCurrent = false;
      clearTimeout(waiting);
    };
  }, [name, ...TEXTS.map((text) => wording[text])]);
  if (isUnwritten || (shown.isMarked && !shown.problem)) return html`<p class="muted">${t("preview_later")}</p>`;
  if (shown.problem) return html`<p class="pill bad notice-wrong" role="alert">${shown.problem.message || t("template_wrong")}</p>`;
  return html`
    <div class="notice-previews" data-testid="template-preview">
      ${LANGUAGES.map((language) =>
        [false, true].map((isDiscreet) => {
          const one = shown.items.find((item) => item.language === language && item.is_discreet === isDiscreet);
          return one && html`
            <figure key=${language + isDiscreet}>
              <figcaption>${t(`language.${language}`)} · ${t(isDiscreet ? "to_number" : "to_proved")} <span class="muted">${t("characters", { n: [...one.text].length })}</span></figcaption>
              <p class="notice-said" lang=${language}>${one.text}</p>
            </figure>
          `;
        }),
      )}
    </div>
  `;
}

function Editor({ template, onSaved }) {
  const [wording, setWording] = useState(Object.fromEntries(TEXTS.map((text) => [text, template[text]])));
  const [title, setTitle] = useState(template.title);
  const [name, setName] = useState(template.name);
  const [isAsking, setIsAsking] = useState(false);
  const wrong = useWrong(["name", "title.zh", "title.en", ...TEXTS]);
  const isNew = template.isNew;
  const isChanged = TEXTS.some((text) => wording[text] !== template[text]) || title.zh !== template.title.zh || title.en !== template.title.en;
  const mayGo = useLeaveGuard(isChanged || name !== template.name);
  async function save(event) {
    event.preventDefault();
    wrong.clear();
    try {
      await saveTemplate(name, { title, wording, version: template.version });
      tell(t("template_saved"));
      mayGo();
      onSaved(name);
    } catch (problem) {
      if (!wrong.show(problem)) tellFailure(problem);
    }
  }
  async function reset() {
    setIsAsking(false);
    await resetTemplate(template.name).then(() => (mayGo(), onSaved(template.name)), tellFailure);
  }
  const field = (text) => html`
    <label class="field" key=${text}>
      <span>${t(`wording.${text}`)}</span>
      <textarea rows="4" maxlength="1000" required disabled=${!may("notices:write")} value=${wording[text]} ...${wrong.at(text)} data-testid="wording-${text}" onInput=${(event) => setWording({ ...wording, [text]: event.target.value })}></textarea>
      ${wrong.words(text)}
      ${text.endsWith("discreet") && html`<span class="hint">${t("discreet_hint", { names: template.discreet_variables.map((one) => `{${one}}`).join(" ") })}</span>`}
    </label>
  `;
  return html`
    <form class="card notice-editor" onSubmit=${save}>
      <h3>${isNew ? t("new_template") : named(template.title)} ${template.version > 0 && !isNew && html`<span class="pill warn">${t("changed_wording")}</span>`}</h3>
      ${isNew && html`
        <div class="fields">
          <label class="field"><span>${t("template_name")}</span><input required pattern="[a-z][a-z0-9_]{1,59}" value=${name} onInput=${(event) => setName(event.target.value)} ...${wrong.at("name")} />${wrong.words("name")}<span class="hint">${t("template_name_hint")}</span></label>
          <label class="field"><span>${t("title_zh")}</span><input required maxlength="80" value=${title.zh} onInput=${(event) => setTitle({ ...title, zh: event.target.value })} ...${wrong.at("title.zh")} />${wrong.words("title.zh")}</label>
          <label class="field"><span>${t("title_en")}</span><input required maxlength="80" value=${title.en} onInput=${(event) => setTitle({ ...title, en: event.target.value })} ...${wrong.at("title.en")} />${wrong.words("title.en")}</label>
        </div>
      `}
      <p class="muted">${t("variables", { names: template.variables.map((one) => `{${one}}`).join(" ") })}</p>
      <div class="fields">${TEXTS.map(field)}</div>
      <h4>${t("preview")}</h4>
      <${Preview} name=${template.name} wording=${wording} wrong=${wrong} />
      ${may("notices:write") && html`
        <footer class="toolbar">
          <button class="primary" data-testid="template-save" disabled=${!isChanged && !isNew}>${t("save")}</button>
          ${template.version > 0 && !template.is_own && html`<button type="button" onClick=${() => setIsAsking(true)}>${t("reset")}</button>`}
        </footer>
      `}
      ${isAsking && html`
        <${Dialog} title=${t("reset_title")} onClose=${() => setIsAsking(false)}>
          <p>${t("reset_lead")}</p>
          <footer class="toolbar"><span class="space"></span><button type="button" onClick=${() => setIsAsking(false)}>${t("cancel")}</button><button type="button" class="primary" onClick=${reset}>${t("reset")}</button></footer>
        <//>
      `}
    </form>
  `;
}

const blank = { name: "new_offer", isNew: true, title: { zh: "", en: "" }, variables: ["salutation"], discreet_variables: ["salutation"], zh: "", zh_discreet: "", en: "", en_discreet: "", version: 0 };

export function Templates({ chosen }) {
  const [items, load] = useTemplates();
  if (!items) return html`<p class="loading muted">${t("loading")}</p>`;
  const current = chosen === "new" ? blank : (items.find((one) => one.name === chosen) ?? items[0]);
  return html`
    <div class="notice-sides">
      <nav class="card notice-names">
        ${items.map(
          (one) => html`
            <a key=${one.name} href="#notices/templates/${one.name}" aria-current=${one.name === current.name ? "page" : undefined} data-testid="template-${one.name}">
              ${named(one.title)} <span class="pill plain">${t(`purpose.${one.purpose}`)}</span>
            </a>
          `,
        )}
        ${may("notices:write") && html`<button class="small" data-testid="template-new" onClick=${() => go("templates", "new")}>${t("new_template")}</button>`}
      </nav>
      <${Editor} key=${`${current.name}:${current.version}`} template=${current} onSaved=${(name) => load().then(() => go("templates", name))} />
    </div>
  `;
}
