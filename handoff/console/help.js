// The list of keyboard shortcuts.
import { html } from "/static/vendor/preact.js";
import { Dialog } from "/static/console/resolve.js";
import { showsHelp } from "/static/console/shortcuts.js";
import { t } from "/static/console/texts.js";

const KEYS = [
  ["next", ["J", "K"]],
  ["accept", ["A"]],
  ["reply", ["R"]],
  ["note", ["N"]],
  ["resolve", ["E"]],
  ["ring", ["G"]],
  ["wait", ["W"]],
  ["transfer", ["T"]],
  ["hand_on", ["O"]],
  ["verify", ["V"]],
  ["documents", ["D"]],
  ["canned", ["Q"]],
  ["knowledge", ["F", "Ctrl+K"]],
  ["suggest", ["S"]],
  ["attach", ["U"]],
  ["return", ["B"]],
  ["history", ["H"]],
  ["more", ["M"]],
  ["search", ["/"]],
  ["tabs", ["1", "2", "3"]],
  ["customer", ["C"]],
  ["send", ["Enter", "Ctrl+Enter"]],
  ["newline", ["Shift+Enter"]],
  ["leave", ["Esc"]],
  ["help", ["?"]],
];

export function Help() {
  if (!showsHelp.value) return null;
  return html`
    <${Dialog} title=${t("help.title")} onClose=${() => (showsHelp.value = false)}>
      <dl class="keys">
        ${KEYS.map(
          ([name, keys]) => html`
            <div key=${name}><dt>${t(`help.${name}`)}</dt><dd>${keys.map((key) => html`<kbd key=${key}>${key}</kbd>`)}</dd></div>
          `,
        )}
      </dl>
    <//>
  `;
}
