// The moves in the conversation's head: the frequent one as a button, the others in a menu.
import { html } from "/static/vendor/preact.js";
import { Icon } from "/static/console/icons.js";
import { Menu } from "/static/console/menu.js";
import { ask, can, cancelStep, STEPS, toggleWaiting } from "/static/console/moves.js";
import { isMine, ticket } from "/static/console/store.js";
import { t } from "/static/console/texts.js";

export function WaitButton() {
  if (!can.wait()) return null;
  return html`<button class="wait" data-testid="wait" title="${t("moves.wait_hint")} (W)" onClick=${toggleWaiting}><${Icon} name="pause" size="16" />${t("moves.wait")}</button>`;
}

const item = (id, icon, hint, more = {}) => ({ id, icon, hint, label: t(`moves.${id}`), act: () => ask(id), leaves: true, ...more });

function items() {
  const groups = [
    [
      can.wait() && item("wait", "pause", "W", { act: toggleWaiting }),
      can.continue() && item("continue", "play", "W", { act: toggleWaiting }),
      can.reopen() && item("reopen", "again", null),
    ],
    [
      can.transfer() && item("transfer", "transfer", "T"),
      can.assign() && item("assign", "person", "O", { label: t(isMine.value ? "moves.hand_on" : "moves.assign") }),
      can.merge() && item("merge", "merge", null),
    ],
    [
      ...STEPS.map((kind) => can.step() && item(kind, "bot", kind === "verify_identity" ? "V" : "D", { label: t(`step.${kind}`) })),
      can.cancel() && item("cancel_step", "close", null, { act: cancelStep }),
      can.return() && item("return", "bot", "B"),
    ],
    [ticket.value && item("history", "clock", "H")],
  ];
  const shown = groups.map((group) => group.filter(Boolean)).filter((group) => group.length);
  return shown.flatMap((group, index) => (index ? [null, ...group] : group));
}

export function MoreMenu() {
  return html`<${Menu} id="more" icon="more" label="${t("moves.more")} (M)" items=${items()} />`;
}
