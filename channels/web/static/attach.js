// The ways a file comes in: a button, the camera of a phone, drag and drop, and a pasted picture.

import { html, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { ACCEPTED } from "./files.js";
import { t } from "./language.js";
import { attach, told } from "./uploads.js";

function Chooser({ label, icon, testid, className, ...options }) {
  const input = useRef(null);
  const onChange = () => {
    attach(input.current.files);
    input.current.value = "";
  };
  return html`
    <button type="button" class="tool ${className ?? ""}" aria-label=${label} title=${label} onClick=${() => input.current.click()}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d=${icon} /></svg>
    </button>
    <input ref=${input} type="file" hidden tabindex="-1" aria-hidden="true" data-testid=${testid} onChange=${onChange} ...${options} />`;
}

const CLIP = "M20 11.500 12 19.500a5 5 0 0 1-7.500-7L13 4a3.400 3.400 0 0 1 5 5l-8 8a1.700 1.700 0 0 1-2.600-2.400L14 8";
const CAMERA = "M4 8h3.500L9 5.500h6L16.500 8H20v11H4zM12 16.500a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400";

export function AttachButtons() {
  return html`
    <${Chooser} label=${t("attach")} icon=${CLIP} testid="file" multiple accept=${ACCEPTED} />
    <${Chooser} label=${t("camera")} icon=${CAMERA} testid="camera" className="camera" accept="image/*" capture="environment" />`;
}

/** Pictures and files of a paste; text is pasted as always. */
export function onPaste(event) {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length) return;
  event.preventDefault();
  attach(files);
}

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

export function DropZone() {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const listening = new AbortController();
    const on = (name, handle) => addEventListener(name, (event) => hasFiles(event) && handle(event), { signal: listening.signal });
    on("dragover", (event) => {
      event.preventDefault();
      setOver(true);
    });
    on("dragleave", (event) => event.relatedTarget === null && setOver(false));
    on("drop", (event) => {
      event.preventDefault();
      setOver(false);
      attach(event.dataTransfer.files);
    });
    return () => listening.abort();
  }, []);
  return html`
    <div class="drop" hidden=${!isOver} data-testid="drop"><p>${t("drop")}</p><p class="accepted">${t("accepted")}</p></div>
    <p class="unseen" role="status">${told.value ? `${told.value.name} ${t(told.value.key)}` : ""}</p>`;
}
