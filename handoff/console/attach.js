// Files that go with a reply: chosen, pasted or dropped, looked at before they leave, and sent with it.
import { html, signal, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { Icon } from "/static/console/icons.js";
import { sizeText } from "/static/console/media.js";
import { t } from "/static/console/texts.js";
import { tell } from "/static/console/toasts.js";

const LARGEST = 10 * 1024 * 1024;
const MOST = 10;
const KINDS = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", pdf: "application/pdf" };
const ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf,.jpg,.jpeg,.png,.webp,.pdf";

/** What waits in the composer, `{number: [{id, file, preview}]}`. */
const attached = signal({});
let last = 0;

export const attachedTo = (number) => attached.value[number] ?? [];

const typeOf = (file) => file.type || KINDS[file.name.split(".").at(-1).toLowerCase()] || "";

/** Why the file cannot be sent, as a text's key; null when it can. The server looks at its content too. */
function refusal(file) {
  if (!Object.values(KINDS).includes(typeOf(file))) return "unsupported";
  if (!file.size) return "empty";
  return file.size > LARGEST ? "too_large" : null;
}

export function attach(number, files) {
  const known = attachedTo(number);
  const added = [];
  for (const file of files) {
    const reason = refusal(file);
    if (reason) tell(t(`files.${reason}`, { name: file.name }), "bad");
    else added.push({ id: ++last, file, preview: typeOf(file).startsWith("image/") ? URL.createObjectURL(file) : null });
  }
  if (known.length + added.length > MOST) tell(t("files.too_many", { count: MOST }), "bad");
  attached.value = { ...attached.value, [number]: [...known, ...added].slice(0, MOST) };
}

function keep(number, items) {
  attached.value = { ...attached.value, [number]: items };
}

/** Take the files out of the composer, to send them. */
export function takeAttached(number) {
  const items = attachedTo(number);
  keep(number, []);
  return items;
}

/** The files of a paste: a screenshot has a name that says nothing. */
export function onPaste(event, number) {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length) return;
  event.preventDefault();
  attach(number, files);
}

/** Files may be dropped anywhere in the conversation; elsewhere the browser would open them. */
export function useDrop(number, isOn) {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (!isOn) return undefined;
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    const onOver = (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(Boolean(event.target.closest?.(".talk")));
    };
    const onLeave = (event) => event.relatedTarget === null && setOver(false);
    const onDrop = (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      if (event.target.closest?.(".talk")) attach(number, event.dataTransfer.files);
    };
    const all = { dragover: onOver, dragleave: onLeave, drop: onDrop };
    Object.entries(all).forEach(([name, listener]) => document.addEventListener(name, listener));
    return () => Object.entries(all).forEach(([name, listener]) => document.removeEventListener(name, listener));
  }, [number, isOn]);
  return isOver;
}

export function AttachButton({ number }) {
  const input = useRef(null);
  const onChange = () => {
    attach(number, input.current.files);
    input.current.value = "";
    document.getElementById("compose")?.focus();
  };
  return html`
    <button type="button" class="quiet icon" id="attach" aria-label=${t("files.open")} title=${`${t("files.open")} (U)`} data-testid="attach" onClick=${() => input.current.click()}><${Icon} name="clip" /></button>
    <input ref=${input} type="file" multiple hidden accept=${ACCEPTED} data-testid="attach-input" tabindex="-1" aria-hidden="true" onChange=${onChange} />
  `;
}

/** How the customer gets it, where that is not plain. */
function way(channel, items) {
  if (channel === "sms") return t("files.way.sms");
  const isShown = items.every(({ file }) => ["image/jpeg", "image/png"].includes(typeOf(file)));
  return channel === "wechat" && !isShown ? t("files.way.wechat") : "";
}

export function Attached({ number, channel }) {
  const items = attachedTo(number);
  if (!items.length) return null;
  const drop = ({ id, preview }) => {
    URL.revokeObjectURL(preview ?? "");
    keep(number, items.filter((one) => one.id !== id));
  };
  return html`
    <ul class="attached" data-testid="attached" aria-label=${t("files.ready", { count: items.length })}>
      ${items.map(({ id, file, preview }) => html`
        <li key=${id}>
          ${preview ? html`<img src=${preview} alt="" />` : html`<${Icon} name="policy" size="22" />`}
          <span><b>${file.name}</b><small class="muted">${sizeText(file.size)}</small></span>
          <button type="button" class="quiet icon" aria-label=${t("files.remove", { name: file.name })} onClick=${() => drop({ id, preview })}>×</button>
        </li>`)}
    </ul>
    ${way(channel, items) && html`<p class="way muted">${way(channel, items)}</p>`}
  `;
}
