// Files in the conversation, of customers and of agents alike, and those that are on their way.
import { html, useState } from "/static/vendor/preact.js";
import { Icon } from "/static/console/icons.js";
import { Dialog } from "/static/console/resolve.js";
import { t } from "/static/console/texts.js";

export function sizeText(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

const addressOf = (file) => `/api/v1/files/${file.name}`;
const kindOf = (type) => (type === "application/pdf" ? "pdf" : type?.startsWith("image/") ? "picture" : "kept");

function Picture({ file }) {
  const [isOpen, setOpen] = useState(false);
  const [isBroken, setBroken] = useState(false);
  const name = file.file_name || t("files.picture");
  if (isBroken) return html`<${Paper} file=${file} />`;
  return html`
    <button type="button" class="thumb" aria-label=${name} onClick=${() => setOpen(true)}><img src=${addressOf(file)} alt=${name} loading="lazy" data-testid="picture" onError=${() => setBroken(true)} /></button>
    ${isOpen && html`<${Dialog} title=${name} onClose=${() => setOpen(false)}><div class="enlarged"><img src=${addressOf(file)} alt=${name} /><a href=${addressOf(file)} download=${name}>${t("files.download", { name })}</a></div><//>`}
  `;
}

function Paper({ file }) {
  const kind = t(`files.${kindOf(file.content_type)}`);
  const name = file.file_name || kind;
  const body = html`<${Icon} name="policy" size="22" /><span><b>${name}</b><small class="muted">${kind}${file.size ? ` · ${sizeText(file.size)}` : ""}</small></span>`;
  if (file.state === "pending") return html`<span class="paper">${body}<small class="muted">${t("files.pending")}</small></span>`;
  if (!file.name) return html`<span class="paper gone">${body}<small class="muted">${t("files.gone")}</small></span>`;
  return html`<a class="paper" href=${addressOf(file)} download=${name} aria-label=${t("files.download", { name })}>${body}</a>`;
}

/** The files of an entry of the record, as its `details.media` tells them. */
export function Media({ items }) {
  if (!items?.length) return null;
  return html`<div class="media">${items.map((file) => (kindOf(file.content_type) === "picture" && file.name ? html`<${Picture} file=${file} key=${file.name} />` : html`<${Paper} file=${file} key=${file.name ?? file.media_id} />`))}</div>`;
}

/** A file of ours that is being uploaded, and how far it is. */
export function Leaving({ message }) {
  const part = message.progress ?? 0;
  return html`
    <div class="media">
      ${message.preview ? html`<span class="thumb"><img src=${message.preview} alt=${message.name} /></span>` : html`<span class="paper"><${Icon} name="policy" size="22" /><span><b>${message.name}</b></span></span>`}
      ${message.state === "sending" && html`<span class="uploading"><progress max="1" value=${part} aria-label=${message.name}></progress>${part < 1 ? t("files.sending", { percent: `${Math.round(part * 100)}%` }) : t("files.checking")}</span>`}
    </div>
  `;
}
