// Charts drawn as SVG, each with its numbers as a table behind it.
import { html } from "/static/vendor/preact.js";
import { translator } from "/static/console/texts.js";

const t = translator({ zh: { as_table: "看数字" }, en: { as_table: "The numbers" } });

/** Horizontal bars: rows `{key, name, value, was?, href?}`; a bar is the value's share of the greatest. */
export function Bars({ rows, most }) {
  const greatest = most ?? Math.max(1, ...rows.map((one) => Math.max(one.value, one.was ?? 0)));
  const width = (value) => `${Math.max(0.5, (value / greatest) * 100)}%`;
  return html`
    <ol class="bars">
      ${rows.map((one) => html`
        <li key=${one.key ?? one.name}>
          <span class="bars-name">${one.href ? html`<a href=${one.href}>${one.name}</a>` : one.name}</span>
          <svg class="bars-bar" height="14" aria-hidden="true">
            ${one.was !== undefined && html`<rect class="was" y="3" height="8" rx="3" width=${width(one.was)} />`}
            <rect class="is" y=${one.was === undefined ? 1 : 3} height=${one.was === undefined ? 12 : 8} rx="3" width=${width(one.value)} />
          </svg>
          <strong class="number">${one.label ?? one.value}</strong>
        </li>`)}
    </ol>
  `;
}

const WIDTH = 940;
const HEIGHT = 240;
const SIDES = { left: 52, right: 12, top: 12, bottom: 26 };

/** Round numbers from 0 to at least `greatest`. */
function steps(greatest) {
  const rough = greatest / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough);
  return Array.from({ length: Math.ceil(greatest / step) + 1 }, (_, index) => index * step);
}

/** Columns over time: `points` `{name, value, note}` with null values where nothing was; `target` is a line across. */
export function Columns({ points, format, target, label, most, heading }) {
  const greatest = most ?? Math.max(target ?? 0, ...points.map((one) => one.value ?? 0), 0.0001);
  const ticks = steps(greatest);
  const top = ticks.at(-1);
  const inner = { width: WIDTH - SIDES.left - SIDES.right, height: HEIGHT - SIDES.top - SIDES.bottom };
  const y = (value) => SIDES.top + inner.height * (1 - value / top);
  const slot = inner.width / points.length;
  const bar = Math.max(2, Math.min(34, slot * 0.66));
  const every = Math.ceil(points.length / 12);
  return html`
    <figure class="chart">
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${label}>
        ${ticks.map((tick) => html`<g key=${tick}><line class="grid" x1=${SIDES.left} x2=${WIDTH - SIDES.right} y1=${y(tick)} y2=${y(tick)} /><text x=${SIDES.left - 8} y=${y(tick) + 4} text-anchor="end">${format(tick)}</text></g>`)}
        ${points.map((one, index) => html`
          <g key=${one.name}>
            ${one.value !== null && html`<rect class="column" x=${SIDES.left + slot * index + (slot - bar) / 2} width=${bar} y=${Math.min(y(one.value), y(0) - 1.5)} height=${Math.max(1.5, y(0) - y(one.value))} rx="2"><title>${one.name}: ${format(one.value)} ${one.note}</title></rect>`}
            ${index % every === 0 && html`<text x=${SIDES.left + slot * (index + 0.5)} y=${HEIGHT - 8} text-anchor="middle">${one.name}</text>`}
          </g>`)}
        ${target !== null && target !== undefined && html`<line class="target" x1=${SIDES.left} x2=${WIDTH - SIDES.right} y1=${y(target)} y2=${y(target)} />`}
      </svg>
      <details><summary>${t("as_table")}</summary>
        <div class="chart-table"><table><thead><tr>${heading.map((one) => html`<th key=${one}>${one}</th>`)}</tr></thead>
          <tbody>${points.filter((one) => one.value !== null).map((one) => html`<tr key=${one.name}><td>${one.name}</td><td class="number">${format(one.value)}</td><td class="number">${one.note}</td></tr>`)}</tbody></table></div>
      </details>
    </figure>
  `;
}
