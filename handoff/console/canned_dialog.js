// Supervisors write canned replies here: add, edit, retire.
import { html, signal, useState } from "/static/vendor/preact.js";
import { get, post, put, remove } from "/static/console/api.js";
import { Dialog } from "/static/console/resolve.js";
import { has, language, t } from "/static/console/texts.js";
import { tell, wordsFor } from "/static/console/toasts.js";

const VARIABLES = ["surname", "agent", "ticket", "claim", "policy"];
const EMPTY = { shortcut: "", title_zh: "", title_en: "", text_zh: "", text_en: "" };

/** What is shown: null (closed) or `{items}`, with `draft` while one is written. */
const open = signal(null);

const read = async () => (open.value = { items: (await get("/canned-replies")).items });
const wordsOf = (problem) => (has(`canned.problem.${problem.code}`) ? t(`canned.problem.${problem.code}`) : wordsFor(problem));
const tellFailure = (problem) => problem.status === 401 || tell(wordsOf(problem), "bad");

export const startManaging = () => read().catch(tellFailure);

function List({ items }) {
  const retire = async (reply) => {
    if (!confirm(t("canned.confirm", { title: reply[`title_${language.value}`] }))) return;
    await remove(`/canned-replies/${reply.id}`).then(() => tell(t("canned.retired"))).catch(tellFailure);
    await read().catch(tellFailure);
  };
  const edit = (draft) => (open.value = { items, draft });
  return html`
    ${!items.length && html`<p class="muted">${t("canned.empty")}</p>`}
    <ul class="canned-list">
      ${items.map((reply) => html`
        <li key=${reply.id} data-testid="canned-row">
          <div><strong>${reply[`title_${language.value}`]}</strong> <kbd>/${reply.shortcut}</kbd><p class="pick-text">${reply[`text_${language.value}`]}</p></div>
          <button class="small" data-testid="edit-canned" onClick=${() => edit(reply)}>${t("canned.edit")}</button>
          <button class="small quiet" data-testid="retire-canned" onClick=${() => retire(reply)}>${t("canned.retire")}</button>
        </li>`)}
    </ul>
    <button class="primary" data-testid="add-canned" onClick=${() => edit(EMPTY)}>${t("canned.add")}</button>
  `;
}

function Words({ name, draft, change }) {
  const put = (event, variable) => {
    const area = event.target.closest(".field").querySelector("textarea");
    area.setRangeText(`{${variable}}`, area.selectionStart, area.selectionEnd, "end");
    area.focus();
    change(name, area.value);
  };
  return html`
    <div class="field">
      <label for="canned-${name}"><span>${t(`canned.${name}`)}</span></label>
      <textarea id="canned-${name}" name=${name} rows="4" required maxlength="3000" value=${draft[name]} onInput=${(event) => change(name, event.target.value)}></textarea>
      <div class="variables">${VARIABLES.map((one) => html`<button type="button" class="small" key=${one} onClick=${(event) => put(event, one)}>${t(`canned.variable.${one}`)}</button>`)}</div>
    </div>
  `;
}

function Form({ known }) {
  const [draft, setDraft] = useState(known);
  const [busy, setBusy] = useState(false);
  const change = (name, value) => setDraft((now) => ({ ...now, [name]: value }));
  const line = (name, rest = {}) => html`<label class="field"><span>${t(`canned.${name}`)}</span><input name=${name} required maxlength="100" ...${rest} value=${draft[name]} onInput=${(event) => change(name, event.target.value)} /></label>`;
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    const body = Object.fromEntries(Object.keys(EMPTY).map((name) => [name, draft[name].trim()]));
    try {
      await (draft.id ? put(`/canned-replies/${draft.id}`, { ...body, version: draft.version }) : post("/canned-replies", body));
      tell(t("canned.saved"));
      await read();
    } catch (problem) {
      tellFailure(problem);
      setBusy(false);
    }
  };
  return html`
    <form onSubmit=${submit} data-testid="canned-form">
      ${line("shortcut", { pattern: "[a-z0-9\\-]{1,30}", title: t("canned.shortcut_hint"), placeholder: t("canned.shortcut_hint") })}
      <div class="two-fields">${line("title_zh")}${line("title_en")}</div>
      <p class="muted">${t("canned.variables")}</p>
      <${Words} name="text_zh" draft=${draft} change=${change} /><${Words} name="text_en" draft=${draft} change=${change} />
      <footer><button type="button" onClick=${() => read().catch(tellFailure)}>${t("canned.back")}</button><button class="primary" data-testid="save-canned" disabled=${busy}>${t("canned.save")}</button></footer>
    </form>
  `;
}

export function CannedDialog() {
  if (!open.value) return null;
  const { items, draft } = open.value;
  const title = draft ? t(draft.id ? "canned.edit_title" : "canned.new_title") : t("canned.manage");
  return html`<${Dialog} title=${title} onClose=${() => (open.value = null)}>${draft ? html`<${Form} known=${draft} key=${draft.id ?? "new"} />` : html`<${List} items=${items} />`}<//>`;
}
