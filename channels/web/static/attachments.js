// Files in the conversation: a picture or a name, how far it is, and what the customer can do about it.

import { html, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { isPicture, sizeText } from "./files.js";
import { t } from "./language.js";
import { session } from "./state.js";
import { cancel, progress, retryFile } from "./uploads.js";

const loaded = new Map(); // address → object URL, for this session

// With the session in a header, never in an address: addresses end up in logs.
async function fetchPicture(address) {
  if (!loaded.has(address)) {
    const response = await fetch(address, { headers: { "X-Anda-Session": session.value } });
    if (!response.ok) throw new Error(String(response.status));
    loaded.set(address, URL.createObjectURL(await response.blob()));
  }
  return loaded.get(address);
}

const addressOf = (media, isSmall) => `${media.address ?? `/channels/web/uploads/${media.media_id}`}${isSmall ? "?size=small" : ""}`;

function usePicture(item, media) {
  const [url, setUrl] = useState(item.preview ?? null);
  useEffect(() => {
    if (url || !media.media_id || !isPicture(media.content_type ?? "")) return;
    fetchPicture(addressOf(media, true)).then(setUrl, () => {});
  }, [media.media_id]);
  return url;
}

async function save(media) {
  const link = document.createElement("a");
  link.href = await fetchPicture(addressOf(media, false));
  link.download = media.name || "document";
  link.click();
}

function Enlarged({ media, preview, onClose }) {
  const dialog = useRef(null);
  const [url, setUrl] = useState(preview);
  useEffect(() => {
    dialog.current.showModal();
    if (media.media_id) fetchPicture(addressOf(media, false)).then(setUrl, () => {});
  }, []);
  return html`
    <dialog class="enlarged" ref=${dialog} aria-label=${media.name || t("picture")} onClose=${onClose}
      onClick=${(event) => event.target === dialog.current && dialog.current.close()}>
      <img src=${url} alt=${media.name || t("picture")} />
      <button type="button" class="close" aria-label=${t("close")} onClick=${() => dialog.current.close()}>
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6 6 18" /></svg>
      </button>
    </dialog>`;
}

function Picture({ item, media }) {
  const [isOpen, setOpen] = useState(false);
  const [isBroken, setBroken] = useState(false);
  const url = usePicture(item, media);
  const name = media.name || t("picture");
  if (!url || isBroken) return html`<${Paper} media=${media} kind=${t("picture")} />`;
  return html`
    <button type="button" class="thumb" aria-label=${`${t("enlarge")} ${name}`} onClick=${() => setOpen(true)}>
      <img src=${url} alt=${name} data-testid="thumbnail" onError=${() => setBroken(true)} />
    </button>
    ${isOpen && html`<${Enlarged} media=${media} preview=${url} onClose=${() => setOpen(false)} />`}`;
}

function Paper({ media, kind }) {
  const body = html`
    <svg class="paper-icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M6 3h8l4 4v14H6zM14 3v4h4M9 13h6M9 17h4" /></svg>
    <span class="file"><span class="name">${media.name || kind}</span><span class="size">${kind}${media.size ? ` · ${sizeText(media.size)}` : ""}</span></span>`;
  if (!media.media_id) return html`<div class="paper">${body}</div>`;
  return html`<button type="button" class="paper" aria-label=${`${t("save")} ${media.name || kind}`} onClick=${() => save(media)}>${body}</button>`;
}

function Progress({ item, media }) {
  const part = progress.value[item.message_id] ?? 0;
  const going = part >= 1 ? t("file_checking") : `${Math.round(part * 100)}%`;
  // All of it is with the server: who cancelled now would only think so.
  const hasLeft = item.state === "uploading" && part >= 1;
  const text = item.state === "uploading" ? going : t(item.reason ?? item.state);
  const name = media.name || t("picture");
  return html`
    <div class="going" data-testid="upload">
      <progress max="1" value=${part} aria-label=${`${t("uploading")} ${name}`}></progress>
      <span class="percent">${text}</span>
      ${!hasLeft && html`<button type="button" class="link" data-testid="upload-cancel" aria-label=${`${t("cancel")} ${name}`} onClick=${() => cancel(item.message_id)}>${t("cancel")}</button>`}
    </div>`;
}

function Refused({ item, media }) {
  const name = media.name || t("picture");
  return html`
    <div class="going refused" data-testid="upload-failed">
      <p>${t(item.reason ?? "failed")}</p>
      <p>
        ${item.canRetry && html`<button type="button" class="link" data-testid="upload-retry" aria-label=${`${t("retry")} ${name}`} onClick=${() => retryFile(item.message_id)}>${t("retry")}</button>`}
        <button type="button" class="link" data-testid="upload-remove" aria-label=${`${t("remove")} ${name}`} onClick=${() => cancel(item.message_id)}>${t("remove")}</button>
      </p>
    </div>`;
}

const PENDING = ["queued", "uploading", "waiting"];

/** One file of a message, on its way or stored. */
export function Attachment({ item, media }) {
  const isImage = isPicture(media.content_type ?? "");
  const isGone = media.state === "rejected" || media.state === "lost";
  return html`
    <div class="attachment" data-state=${item.state ?? media.state}>
      ${isImage && !isGone ? html`<${Picture} item=${item} media=${media} />` : html`<${Paper} media=${media} kind=${isImage ? t("picture") : media.content_type === "application/pdf" ? "PDF" : t("file")} />`}
      ${PENDING.includes(item.state) && html`<${Progress} item=${item} media=${media} />`}
      ${item.state === "failed" && html`<${Refused} item=${item} media=${media} />`}
    </div>`;
}
