// The words of a message with the parts that are marked as entities. Places count characters as the server does:
// an emoji is one, though the browser takes it for two.
import { html } from "/static/vendor/preact.js";
import { t } from "/static/console/sections/review/calls.js";

export const partOf = (text, { start, end }) => Array.from(text).slice(start, end).join("");

const placeOf = (text, unit) => Array.from(text.slice(0, unit)).length;

/** The place of a stretch that the browser counts in its own units, without the spaces around it; null for none. */
export function stretch(text, from, to) {
  const chosen = text.slice(from, to);
  const bare = chosen.trim();
  if (!bare) return null;
  const start = placeOf(text, from + chosen.indexOf(bare));
  return { start, end: start + Array.from(bare).length };
}

/** The marks that still fit another wording. */
export function moved(marks, before, after) {
  return marks.flatMap((mark) => {
    const at = after.indexOf(partOf(before, mark));
    return at < 0 ? [] : [{ ...mark, ...stretch(after, at, at + partOf(before, mark).length) }];
  });
}

/** With a new mark, which takes the place of those it overlaps. */
export const withMark = (marks, mark) => [...marks.filter((one) => one.end <= mark.start || mark.end <= one.start), mark].sort((one, other) => one.start - other.start);

function pieces(text, marks) {
  const letters = Array.from(text);
  const found = [];
  let at = 0;
  for (const mark of marks) {
    found.push({ text: letters.slice(at, mark.start).join("") }, { text: letters.slice(mark.start, mark.end).join(""), mark });
    at = mark.end;
  }
  return [...found, { text: letters.slice(at).join("") }].filter((piece) => piece.text);
}

/** Where in `text` the reader's selection inside `element` begins and ends, in the browser's units. */
function selected(element) {
  const range = getSelection().rangeCount ? getSelection().getRangeAt(0) : null;
  if (!range || range.collapsed || !element.contains(range.commonAncestorContainer)) return null;
  const before = range.cloneRange();
  before.selectNodeContents(element);
  before.setEnd(range.startContainer, range.startOffset);
  const from = before.toString().length;
  return [from, from + range.toString().length];
}

/** The message; who selects a part of it is asked what it is. */
export function Words({ text, marks, onSelect }) {
  const onUp = (event) => {
    const found = selected(event.currentTarget);
    onSelect(found && stretch(text, ...found));
  };
  return html`<p class="review-text" data-testid="review-text" lang="" onMouseUp=${onUp}>${pieces(text, marks).map((piece) => (piece.mark ? html`<mark title=${t(`entity.${piece.mark.entity}`)}>${piece.text}</mark>` : piece.text))}</p>`;
}

/** What is marked, each to be taken away. */
export function Marks({ text, marks, remove }) {
  if (!marks.length) return null;
  return html`
    <ul class="review-marks" aria-label=${t("marks")}>
      ${marks.map(
        (mark) => html`
          <li key=${mark.start}>
            <span class="muted">${t(`entity.${mark.entity}`)}</span> ${partOf(text, mark)}
            <button type="button" class="quiet icon" aria-label=${t("unmark", { part: partOf(text, mark) })} onClick=${() => remove(mark)}>×</button>
          </li>
        `,
      )}
    </ul>
  `;
}
