// One article: its fields, what stands beside them, and save, publish, schedule, retire, restore.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { businessDate } from "/static/console/format.js";
import { Dialog } from "/static/console/resolve.js";
import { useLeaveGuard } from "/static/console/sections.js";
import { tell } from "/static/console/toasts.js";
import { useWrong } from "/static/console/wrong.js";
import { Beside } from "/static/console/sections/articles/beside.js";
import { change, create, failureWords, go, list, mayWrite, read, t, tellFailure, today } from "/static/console/sections/articles/calls.js";
import { contentOf, fieldsOf, Form, isComplete, NAMES, Topic } from "/static/console/sections/articles/form.js";
import { MOODS } from "/static/console/sections/articles/list.js";

const EMPTY = { title: "", text: "", products: [], tags: "", questions: "", source: "", valid_from: "", valid_to: "" };
const STORED = "anda.console.article";

/** What a question's page, or the other language, gives a new article to begin with. */
function beginning() {
  const given = sessionStorage.getItem(STORED);
  sessionStorage.removeItem(STORED);
  return { ...EMPTY, valid_from: today(), ...(given ? JSON.parse(given) : {}) };
}

export function startArticle(fields, language) {
  sessionStorage.setItem(STORED, JSON.stringify(fields));
  go("new", "", language);
}

function Confirm({ title, lead, label, onYes, onClose }) {
  return html`
    <${Dialog} title=${title} onClose=${onClose}>
      <form onSubmit=${(event) => (event.preventDefault(), onYes())}>
        <p class="muted">${lead}</p>
        <footer><button type="button" onClick=${onClose}>${t("cancel")}</button><button class="primary" data-testid="article-confirm">${label}</button></footer>
      </form>
    <//>
  `;
}

function Head({ article, isDirty }) {
  return html`
    <header class="page-head">
      <button type="button" class="quiet" onClick=${() => go()}>← ${t("back")}</button>
      <h2>${article?.title ?? t("new")}</h2>
      ${article && html`<span class="muted">${article.topic} · ${t(`language.${article.language}`)}</span><span class="pill ${MOODS[article.state]}" data-testid="article-state">${t(`state.${article.state}`)}</span>`}
      ${article?.has_draft && article.state !== "draft" && html`<span class="pill warn">${t("has_draft")}</span>`}
      ${article?.scheduled_from && html`<span class="pill warn">${t("from_day", { day: businessDate(article.scheduled_from) })}</span>`}
      ${isDirty && html`<span class="pill plain" data-testid="article-dirty">${t("unsaved")}</span>`}
    </header>
  `;
}

function Actions({ article, fields, isDirty, busy, save, act, ask }) {
  const isLater = fields.valid_from > today();
  const day = businessDate(fields.valid_from);
  const mayPublish = isDirty || !article || article.has_draft || article.state === "retired";
  const publish = (event) => event.currentTarget.form.reportValidity() && save(true);
  const label = isDirty || !article ? t(isLater ? "schedule" : "save_publish", { day }) : t(isLater ? "publish_on" : "publish", { day });
  return html`
    <footer class="toolbar article-actions">
      ${article && article.state !== "retired" && html`<button type="button" class="quiet" data-testid="article-retire" disabled=${busy} onClick=${() => ask({ kind: "retire" })}>${t("retire")}</button>`}
      ${article?.scheduled_revision && html`<button type="button" class="quiet" disabled=${busy} onClick=${() => act("unschedule", {}, t("unscheduled"))}>${t("unschedule")}</button>`}
      <span class="space"></span>
      <button data-testid="article-save" disabled=${busy || !isComplete(fields) || (article && !isDirty)}>${t("save")}</button>
      <button type="button" class="primary" data-testid="article-publish" disabled=${busy || !isComplete(fields) || !mayPublish} onClick=${publish}>${label}</button>
    </footer>
  `;
}

function Question({ asked, act, close }) {
  if (!asked) return null;
  const yes = (...call) => () => (close(), act(...call));
  if (asked.kind === "retire") {
    return html`<${Confirm} title=${t("retire_title")} lead=${t("retire_lead")} label=${t("retire")} onClose=${close} onYes=${yes("retire", {}, t("retired"))} />`;
  }
  const { number } = asked;
  return html`<${Confirm} title=${t("restore_title", { n: number })} lead=${t("restore_lead")} label=${t("restore")} onClose=${close} onYes=${yes("restore", { revision: number }, t("restored_done"))} />`;
}

export function Editor({ id, topic: givenTopic = "", language: givenLanguage = "zh" }) {
  const [article, setArticle] = useState(null);
  const [fields, setFields] = useState(() => (id ? null : beginning()));
  const [name, setName] = useState({ topic: givenTopic, language: givenLanguage });
  const [isDirty, setDirty] = useState(false);
  const [busy, setBusy] = useState(false);
  const [asked, ask] = useState(null);
  const wrong = useWrong(NAMES, { topic_taken: "topic" });
  useLeaveGuard(isDirty);

  function show(loaded) {
    setArticle(loaded);
    setFields(fieldsOf(loaded.content));
    setDirty(false);
  }
  useEffect(() => {
    if (id) read(id).then(show).catch((problem) => (tellFailure(problem), go()));
    else if (givenTopic) list({ q: givenTopic }).then((found) => takeOver(found)).catch(tellFailure);
  }, [id]);
  /** Products, tags and days are facts of the topic: the second language begins with the first one's. */
  async function takeOver(found) {
    const other = found.find((one) => one.topic === givenTopic && one.language !== givenLanguage);
    if (!other) return;
    const { content } = await read(other.id);
    setFields((now) => ({ ...now, products: content.products, tags: content.tags.join(", "), valid_from: content.valid_from, valid_to: content.valid_to ?? "" }));
    setArticle(null);
  }
  const edit = (changes) => (setFields({ ...fields, ...changes }), setDirty(true));

  /** What reads the article anew would lose what is typed: it is to be saved first. */
  const unlessTyped = (work) => (...given) => (isDirty || busy ? tell(t("unsaved"), "bad") : work(...given));
  async function attempt(work) {
    setBusy(true);
    wrong.clear();
    try {
      await work();
    } catch (problem) {
      if (!wrong.show(problem, failureWords(problem))) tellFailure(problem);
    } finally {
      setBusy(false);
    }
  }
  const act = (what, body, words) =>
    attempt(async () => {
      show(await change(article.id, what, { version: article.version, ...body }));
      tell(words);
    });
  const save = (isPublished) =>
    attempt(async () => {
      let saved = article;
      if (!article) saved = await create(name.topic, name.language, contentOf(fields));
      else if (isDirty) saved = await change(article.id, "revisions", { version: article.version, content: contentOf(fields) });
      show(saved);
      if (isPublished) show((saved = await change(saved.id, "publish", { version: saved.version })));
      const later = saved.scheduled_revision === saved.revision;
      tell(isPublished ? t(later ? "scheduled" : "published", { day: businessDate(saved.scheduled_from) }) : t("saved", { n: saved.revision }));
      if (!id) history.replaceState(null, "", `#articles/${saved.id}`);
    });

  if (!fields) return html`<p class="page-loading">${t("loading")}</p>`;
  const language = article?.language ?? name.language;
  return html`
    <form class="page articles" onSubmit=${(event) => (event.preventDefault(), save(false))}>
      <${Head} article=${article} isDirty=${isDirty} />
      <div class="article-editor">
        <section class="card">
          ${!article && html`<${Topic} ...${name} wrong=${wrong} change=${(changes) => setName({ ...name, ...changes })} />`}
          <${Form} fields=${fields} wrong=${wrong} change=${edit} isLocked=${!mayWrite()} />
          ${mayWrite() && html`<${Actions} ...${{ article, fields, isDirty, busy, save, act: unlessTyped(act), ask: unlessTyped(ask) }} />`}
        </section>
        <${Beside} fields=${fields} topic=${article?.topic ?? name.topic} language=${language} article=${article} restore=${unlessTyped((number) => ask({ kind: "restore", number }))} />
      </div>
    </form>
    <${Question} asked=${asked} act=${act} close=${() => ask(null)} />
  `;
}
