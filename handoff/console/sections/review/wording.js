// A message's wording: its marks, and another wording where it tells who the customer is.
import { html, useState } from "/static/vendor/preact.js";
import { Marks, moved, stretch, withMark, Words } from "/static/console/sections/review/marks.js";
import { t } from "/static/console/sections/review/calls.js";

/** Asks what the chosen part is. */
function Asking({ part, entities, choose, close }) {
  return html`
    <div class="review-asking" role="group" aria-label=${t("what_is", { part })}>
      <span>${t("what_is", { part })}</span>
      ${entities.map((entity) => html`<button type="button" key=${entity} class="small" data-testid="entity-${entity}" onClick=${() => choose(entity)}>${t(`entity.${entity}`)}</button>`)}
      <button type="button" class="quiet small" onClick=${close}>${t("cancel")}</button>
    </div>
  `;
}

export function Wording({ text, marks, entities, change }) {
  const [chosen, setChosen] = useState(null);
  const [isEdited, setEdited] = useState(false);
  const mark = (entity) => {
    change({ marks: withMark(marks, { entity, ...chosen }) });
    setChosen(null);
    getSelection().removeAllRanges();
  };
  const onSelect = ({ target }) => setChosen(stretch(text, target.selectionStart, target.selectionEnd));
  const onInput = ({ target }) => change({ text: target.value, marks: moved(marks, text, target.value) });
  return html`
    ${isEdited
      ? html`<textarea class="review-edit" rows="3" maxlength="500" aria-label=${t("wording")} data-testid="review-edit" onInput=${onInput} onSelect=${onSelect} value=${text}></textarea>`
      : html`<${Words} text=${text} marks=${marks} onSelect=${setChosen} />`}
    ${chosen && html`<${Asking} part=${Array.from(text).slice(chosen.start, chosen.end).join("")} entities=${entities} choose=${mark} close=${() => setChosen(null)} />`}
    <${Marks} text=${text} marks=${marks} remove=${(gone) => change({ marks: marks.filter((one) => one !== gone) })} />
    <p class="muted review-hint">
      ${t(isEdited ? "edit_hint" : "mark_hint")}
      <button type="button" class="link" data-testid="review-edit-toggle" onClick=${() => setEdited(!isEdited)}>${t(isEdited ? "edit_done" : "edit")}</button>
    </p>
  `;
}
