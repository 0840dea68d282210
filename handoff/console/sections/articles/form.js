// The fields of an article.
import { html } from "/static/vendor/preact.js";
import { LANGUAGES, PRODUCTS, t } from "/static/console/sections/articles/calls.js";

const lines = (text) => text.split("\n").map((one) => one.trim()).filter(Boolean);
const words = (text) => text.split(/[,，、]/).map((one) => one.trim()).filter(Boolean);

/** The content as the API takes it, from the fields as they are typed. */
export const contentOf = (fields) => ({
  title: fields.title.trim(),
  text: fields.text.trim(),
  products: fields.products,
  tags: words(fields.tags),
  questions: lines(fields.questions),
  source: fields.source.trim(),
  valid_from: fields.valid_from,
  valid_to: fields.valid_to || null,
});

/** The fields as they are typed, from a content. */
export const fieldsOf = (content) => ({
  ...content,
  tags: content.tags.join(", "),
  questions: content.questions.join("\n"),
  valid_to: content.valid_to ?? "",
});

export const isComplete = (fields) =>
  Boolean(fields.title.trim() && fields.text.trim() && fields.source.trim() && fields.valid_from && lines(fields.questions).length);

/** The fields as the API calls them, for `useWrong`. */
export const NAMES = ["topic", "language", "title", "text", "products", "tags", "questions", "source", "valid_from", "valid_to"];

function Field({ name, hint, wide, wrong, children }) {
  return html`
    <label class="field ${wide ? "wide" : ""}">
      <span>${t(`fields.${name}`)}</span>${children}${wrong.words(name)}${hint && html`<small class="hint">${t(`fields.${name}_hint`)}</small>`}
    </label>
  `;
}

/** Name and language, chosen once. */
export function Topic({ topic, language, change, wrong }) {
  return html`
    <div class="fields">
      <${Field} name="topic" hint wrong=${wrong}>
        <input required pattern="[a-z0-9]+(-[a-z0-9]+)*" maxlength="100" data-testid="article-topic" ...${wrong.at("topic")} value=${topic} onInput=${(event) => change({ topic: event.target.value })} />
      <//>
      <${Field} name="language" wrong=${wrong}>
        <select ...${wrong.at("language")} value=${language} onChange=${(event) => change({ language: event.target.value })}>
          ${LANGUAGES.map((one) => html`<option key=${one} value=${one}>${t(`language.${one}`)}</option>`)}
        </select>
      <//>
    </div>
  `;
}

function Products({ chosen, change, wrong }) {
  const toggle = (one) => change(chosen.includes(one) ? chosen.filter((product) => product !== one) : [...chosen, one]);
  return html`
    <fieldset class="article-products wide" ...${wrong.at("products")}>
      <legend>${t("products")}</legend>
      ${PRODUCTS.map(
        (one) => html`<label key=${one}><input type="checkbox" checked=${chosen.includes(one)} onChange=${() => toggle(one)} />${t(`product.${one}`)}</label>`,
      )}
      ${!chosen.length && html`<span class="muted">${t("every_product")}</span>`}${wrong.words("products")}
    </fieldset>
  `;
}

export function Form({ fields, change, isLocked, wrong }) {
  const typed = (name) => ({ value: fields[name], disabled: isLocked, ...wrong.at(name), onInput: (event) => change({ [name]: event.target.value }) });
  return html`
    <div class="fields article-form">
      <${Field} name="title" wide wrong=${wrong}><input required maxlength="200" data-testid="article-title" ...${typed("title")} /><//>
      <${Field} name="text" hint wide wrong=${wrong}><textarea required rows="16" maxlength="20000" data-testid="article-text" ...${typed("text")}></textarea><//>
      <${Field} name="questions" hint wide wrong=${wrong}><textarea required rows="6" data-testid="article-questions" ...${typed("questions")}></textarea><//>
      <${Field} name="source" hint wide wrong=${wrong}><input required maxlength="400" data-testid="article-source" ...${typed("source")} /><//>
      <${Products} wrong=${wrong} chosen=${fields.products} change=${(products) => change({ products })} />
      <${Field} name="tags" hint wrong=${wrong}><input ...${typed("tags")} /><//>
      <${Field} name="valid_from" wrong=${wrong}><input type="date" required data-testid="article-from" ...${typed("valid_from")} /><//>
      <${Field} name="valid_to" wrong=${wrong}><input type="date" min=${fields.valid_from} ...${typed("valid_to")} /><//>
    </div>
  `;
}
