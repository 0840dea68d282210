// A menu that opens from a button: arrows, Home, End, Escape, and what lies outside closes it.
import { html, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { Icon } from "/static/console/icons.js";

const ITEMS = '[role^="menuitem"]:not([disabled])';

function step(menu, event, close) {
  const items = [...menu.querySelectorAll(ITEMS)];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") close(event.key === "Escape");
  if (to === undefined && event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  if (to !== undefined) items[(to + items.length) % items.length]?.focus();
}

function useOutside(box, isOpen, close) {
  useEffect(() => {
    if (!isOpen) return undefined;
    const onPointer = (event) => box.current?.contains(event.target) || close(false);
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [isOpen]);
}

/**
 * `items`: `{id, label, icon, act, hint, isBad, checked}`; null draws a line. `hint` is a key or a short word,
 * `checked` makes it a switch.
 */
export function Menu({ id, label, icon, items, className = "", mark = null }) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef(null);
  const close = (isByKey) => {
    setOpen(false);
    if (isByKey) box.current?.querySelector("button")?.focus();
  };
  useOutside(box, isOpen, close);
  useEffect(() => {
    if (isOpen) box.current.querySelector(ITEMS)?.focus();
  }, [isOpen]);
  const onKey = (event) => isOpen && step(box.current, event, close);
  return html`
    <div class="menu-box ${className}" ref=${box} onKeyDown=${onKey}>
      <button class="quiet icon" id=${id} data-testid=${id} aria-haspopup="menu" aria-expanded=${isOpen} aria-label=${label} title=${label} onClick=${() => setOpen(!isOpen)}>
        <${Icon} name=${icon} />${mark}
      </button>
      ${isOpen && html`<div class="menu" role="menu" aria-label=${label}>${items.map((item, index) => html`<${Item} key=${item?.id ?? index} item=${item} close=${close} />`)}</div>`}
    </div>
  `;
}

function Item({ item, close }) {
  if (item === null) return html`<hr role="separator" />`;
  const isSwitch = item.checked !== undefined;
  const choose = () => {
    close(!item.leaves);
    item.act();
  };
  return html`
    <button
      role=${isSwitch ? "menuitemcheckbox" : "menuitem"}
      aria-checked=${isSwitch ? item.checked : undefined}
      class=${item.isBad ? "bad" : ""}
      data-testid="menu-${item.id}"
      disabled=${item.isOff}
      onClick=${choose}
    >
      <${Icon} name=${item.icon ?? "none"} size="16" />
      <span>${item.label}</span>
      ${isSwitch && html`<i class="switch ${item.checked ? "on" : ""}" aria-hidden="true"></i>`}
      ${item.hint && html`<kbd>${item.hint}</kbd>`}
    </button>
  `;
}
