// Articles: the list and the editor, what customers asked, and trying a question.
import { html } from "/static/vendor/preact.js";
import { place, spelled } from "/static/console/sections.js";
import { go, LANGUAGES, mayWrite, t } from "/static/console/sections/articles/calls.js";
import { Editor } from "/static/console/sections/articles/editor.js";
import { List } from "/static/console/sections/articles/list.js";
import { Questions } from "/static/console/sections/articles/questions.js";
import { Trial } from "/static/console/sections/articles/trial.js";

const TABS = ["list", "questions", "trial"];

function Tabs({ current }) {
  return html`
    <nav class="article-tabs" role="tablist">
      ${TABS.map(
        (tab) => html`
          <button key=${tab} role="tab" class="quiet small" aria-selected=${tab === current} data-testid="articles-${tab}" onClick=${() => go(...(tab === "list" ? [] : [tab]))}>
            ${t(`tabs.${tab}`)}
          </button>
        `,
      )}
    </nav>
  `;
}

export function Page() {
  const [first, ...rest] = place.value;
  const language = LANGUAGES.find((one) => one === rest[1]);
  if (first === "new") return html`<${Editor} key=${rest.join("/")} topic=${rest[0]} language=${language} />`;
  if (/^\d+$/.test(first ?? "")) return html`<${Editor} key=${first} id=${Number(first)} />`;
  const tab = TABS.includes(first) ? first : "list";
  return html`
    <div class="page articles">
      <header class="page-head">
        <h2>${t("sections.articles")}</h2>
        ${mayWrite() && html`<button class="primary" data-testid="article-new" onClick=${() => go("new")}>${t("new")}</button>`}
        <p>${t("lead")}</p>
      </header>
      <${Tabs} current=${tab} />
      ${tab === "list" && html`<${List} />`}
      ${tab === "questions" && html`<${Questions} />`}
      ${tab === "trial" && html`<${Trial} key=${rest.join("/")} query=${rest[0] && spelled(rest[0])} language=${language} />`}
    </div>
  `;
}
