// Canned replies: found by their name or words, filled from the ticket, in the customer's language first.
import { html, signal, useEffect, useState } from "/static/vendor/preact.js";
import { get } from "/static/console/api.js";
import { startManaging } from "/static/console/canned_dialog.js";
import { insert, spoken, tool } from "/static/console/insert.js";
import { closeTool, Picker } from "/static/console/picker.js";
import { may } from "/static/console/store.js";
import { t } from "/static/console/texts.js";
import { tellProblem } from "/static/console/toasts.js";

const PREVIEW = 160;

/** All of them; null until they were read. */
export const replies = signal(null);

export const loadReplies = () => get("/canned-replies").then((answer) => (replies.value = answer.items));

function matching(query, language) {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const wordsOf = (one) => `${one.shortcut} ${one.title_zh} ${one.title_en} ${one.text_zh} ${one.text_en}`.toLowerCase();
  const found = (replies.value ?? []).filter((one) => words.every((word) => wordsOf(one).includes(word)));
  const rank = (one) => (one.shortcut.startsWith(words[0] ?? "") ? 0 : one[`title_${language}`].toLowerCase().includes(words[0] ?? "") ? 1 : 2);
  return found.toSorted((a, b) => rank(a) - rank(b)).map((one) => ({ ...one, key: one.id }));
}

async function use(reply, ticket, language) {
  closeTool();
  try {
    const filled = await get(`/canned-replies/${reply.id}/for/${encodeURIComponent(ticket.number)}?language=${language}`);
    insert(filled.text);
  } catch (problem) {
    tellProblem(problem);
  }
}

export function Canned({ shown }) {
  const [query, setQuery] = useState("");
  const language = spoken(shown);
  const other = language === "zh" ? "en" : "zh";
  useEffect(() => {
    loadReplies().catch(tellProblem);
  }, []);
  const items = matching(query, language);
  const inOther = (event, reply) => {
    event.stopPropagation();
    use(reply, shown, other);
  };
  const render = (reply) => html`
    <div class="pick-title"><strong>${reply[`title_${language}`]}</strong><span class="muted">${reply[`title_${other}`]}</span><span class="space"></span>
      <button type="button" class="link" tabindex="-1" title="Alt+Enter" data-testid="pick-other" onClick=${(event) => inOther(event, reply)}>${t("canned.other", { language: t(`canned.${other}`) })}</button><kbd>/${reply.shortcut}</kbd></div>
    <p class="pick-text">${reply[`text_${language}`].slice(0, PREVIEW)}</p>
  `;
  const note = replies.value === null ? t("loading") : replies.value.length === 0 ? t("canned.empty") : items.length ? "" : t("canned.none");
  const foot = may("tickets:assign") && html`<button type="button" class="link" data-testid="manage-canned" onClick=${() => ((tool.value = null), startManaging())}>${t("canned.manage")}</button>`;
  return html`
    <${Picker} label=${t("canned.open")} placeholder=${t("canned.search")} query=${query} onQuery=${setQuery} items=${items} render=${render} note=${note} foot=${foot}
      choose=${(reply, isOther) => use(reply, shown, isOther ? other : language)} />
  `;
}
