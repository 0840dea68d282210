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

function Field({ name, hint, wide, children }) {
  return html`
    <label class="field ${wide ? "wide" : ""}">
      <span>${t(`fields.${name}`)}</span>${children}${hint && html`<small class="hint">${t(`fields.${name}_hint`)}</small>`}
    </label>
  `;
}

/** Name and language, chosen once. */
export function Topic({ topic, language, change }) {
  return html`
    <div class="fields">
      <${Field} name="topic" hint>
        <input required pattern="[a-z0-9]+(-[a-z0-9]+)*" maxlength="100" data-testid="article-topic" value=${topic} onInput=${(event) => change({ topic: event.target.value })} />
      <//>
      <${Field} name="language">
        <select value=${language} onChange=${(event) => change({ language: event.target.value })}>
          ${LANGUAGES.map((one) => html`<option key=${one} value=${one}>${t(`language.${one}`)}</option>`)}
        </select>
      <//>
    </div>
  `;
}

function Products({ chosen, change }) {
  const toggle = (one) => change(chosen.includes(one) ? chosen.filter((product) => product !== one) : [...chosen, one]);
  return html`
    <fieldset class="article-products wide">
      <legend>${t("products")}</legend>
      ${PRODUCTS.map(
        (one) => html`<label key=${one}><input type="checkbox" checked=${chosen.includes(one)} onChange=${() => toggle(one)} />${t(`product.${one}`)}</label>`,
      )}
      ${!chosen.length && html`<span class="muted">${t("every_product")}</span>`}
    </fieldset>
  `;
}

export function Form({ fields, change, isLocked }) {
  const typed = (name) => ({ value: fields[name], disabled: isLocked, onInput: (event) => change({ [name]: event.target.value }) });
  return html`
    <div class="fields article-form">
      <${Field} name="title" wide><input required maxlength="200" data-testid="article-title" ...${typed("title")} /><//>
      <${Field} name="text" hint wide><textarea required rows="16" maxlength="20000" data-testid="article-text" ...${typed("text")}></textarea><//>
      <${Field} name="questions" hint wide><textarea required rows="6" data-testid="article-questions" ...${typed("questions")}></textarea><//>
      <${Field} name="source" hint wide><input required maxlength="400" data-testid="article-source" ...${typed("source")} /><//>
      <${Products} chosen=${fields.products} change=${(products) => change({ products })} />
      <${Field} name="tags" hint><input ...${typed("tags")} /><//>
      <${Field} name="valid_from"><input type="date" required data-testid="article-from" ...${typed("valid_from")} /><//>
      <${Field} name="valid_to"><input type="date" min=${fields.valid_from} ...${typed("valid_to")} /><//>
    </div>
  `;
}
