// What stands beside the form: the text as a page would show it, the other language, the history.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { fullTime } from "/static/console/format.js";
import { otherOf, go, mayWrite, preview, read, readRevision, t, tellFailure } from "/static/console/sections/articles/calls.js";

/** HTML that the server made of Markdown and cleaned; the page's policy runs no script in it either. */
function Rendered({ text }) {
  const [shown, setShown] = useState("");
  useEffect(() => {
    let isCurrent = true;
    const waiting = setTimeout(async () => {
      try {
        const answer = await preview(text);
        if (isCurrent) setShown(answer.html);
      } catch (problem) {
        if (isCurrent) tellFailure(problem);
      }
    }, 300);
    return () => {
      isCurrent = false;
      clearTimeout(waiting);
    };
  }, [text]);
  return html`<div class="article-rendered" data-testid="article-preview" dangerouslySetInnerHTML=${{ __html: shown }}></div>`;
}

function Other({ topic, language, pair }) {
  const [article, setArticle] = useState(null);
  useEffect(() => {
    if (pair) read(pair).then(setArticle).catch(tellFailure);
  }, [pair]);
  const name = t(`language.${otherOf(language)}`);
  if (!pair) {
    return html`
      <p class="muted">${t("no_other", { language: name })}</p>
      ${topic && mayWrite() && html`<button type="button" class="small" onClick=${() => go("new", topic, otherOf(language))}>${t("write_other", { language: name })}</button>`}
    `;
  }
  if (!article) return html`<p class="muted">${t("loading")}</p>`;
  return html`
    <h4><a href="#articles/${pair}">${article.title}</a></h4>
    <${Rendered} text=${article.content.text} />
    <ul class="article-questions">${article.content.questions.map((one) => html`<li key=${one}>${one}</li>`)}</ul>
  `;
}

function Revision({ article, revision, restore }) {
  const [content, setContent] = useState(null);
  const look = () => (content ? setContent(null) : readRevision(article.id, revision.number).then(setContent).catch(tellFailure));
  const isNewest = revision.number === article.revision;
  return html`
    <li>
      <div class="article-revision">
        <strong>${t("revision", { n: revision.number })}</strong>
        ${revision.number === article.live_revision && article.state !== "retired" && html`<span class="pill good">${t("live")}</span>`}
        ${revision.number === article.scheduled_revision && html`<span class="pill warn">${t("next_up")}</span>`}
        <span class="muted">${revision.written_by ?? t("seed")} · ${fullTime(revision.written_at)}${revision.restored_from ? ` · ${t("restored", { n: revision.restored_from })}` : ""}</span>
        <span class="space"></span>
        <button type="button" class="link" onClick=${look}>${t("look")}</button>
        ${!isNewest && mayWrite() && html`<button type="button" class="link" data-testid="restore-${revision.number}" onClick=${() => restore(revision.number)}>${t("restore")}</button>`}
      </div>
      ${content && html`<div class="article-old"><h4>${content.title}</h4><${Rendered} text=${content.text} /></div>`}
    </li>
  `;
}

export function Beside({ fields, topic, language, article, restore }) {
  const name = t(`language.${otherOf(language)}`);
  const [shown, show] = useState("preview");
  const tabs = { preview: t("preview"), other: t("other", { language: name }), ...(article ? { history: t("history") } : {}) };
  return html`
    <section class="card article-beside">
      <nav class="article-tabs" role="tablist">
        ${Object.entries(tabs).map(
          ([id, title]) => html`<button type="button" key=${id} role="tab" class="quiet small" aria-selected=${id === shown} data-testid="beside-${id}" onClick=${() => show(id)}>${title}</button>`,
        )}
      </nav>
      ${shown === "preview" && html`<h3>${fields.title}</h3><${Rendered} text=${fields.text} />${fields.source && html`<p class="muted article-source">${fields.source}</p>`}`}
      ${shown === "other" && html`<${Other} topic=${topic} language=${language} pair=${article?.pair} />`}
      ${shown === "history" && html`<ol class="article-history">${article.revisions.map((one) => html`<${Revision} key=${one.number} article=${article} revision=${one} restore=${restore} />`)}</ol>`}
    </section>
  `;
}
