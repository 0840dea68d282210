// What a claim needs and what it has: documents to tick off, files with their pictures, upload by drag and drop.
import { html, useState } from "/static/vendor/preact.js";
import { dayOf } from "/static/console/format.js";
import { Dialog } from "/static/console/resolve.js";
import { named } from "/static/console/texts.js";
import { tell } from "/static/console/toasts.js";
import { addFile, changeDocument, may, nameFile, removeFile, t, tellFailure } from "/static/console/sections/claims/calls.js";

const OPEN = ["reported", "awaiting_documents", "under_review", "investigating"];

export function DropZone({ label, onFiles, children }) {
  const [isOver, setOver] = useState(false);
  const dropped = (event) => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files]);
  };
  const over = (event) => (event.preventDefault(), setOver(true));
  return html`
    <div class="claim-drop ${isOver ? "over" : ""}" onDragOver=${over} onDragLeave=${() => setOver(false)} onDrop=${dropped}>
      ${children}
      <label class="claim-upload">
        <input type="file" accept="image/jpeg,image/png,image/webp,application/pdf" data-testid="claim-upload" onChange=${(event) => (onFiles([...event.target.files]), (event.target.value = ""))} />
        <span>${isOver ? t("drop") : label}</span>
      </label>
    </div>
  `;
}

function Needed({ document, change, isOpen }) {
  const state = document.received_at ? t("received", { day: dayOf(document.received_at) }) : t(document.is_required ? "required" : "waived");
  return html`
    <li>
      <span class="claim-mark ${document.received_at ? "here" : document.is_required ? "missing" : ""}">${document.received_at ? "✓" : document.is_required ? "○" : "–"}</span>
      <span>${named(document.name)}</span><span class="muted">${state}</span><span class="space"></span>
      ${isOpen && !document.received_at && html`<button class="link" onClick=${() => change({ is_required: !document.is_required })}>${t(document.is_required ? "waive" : "ask")}</button>`}
      ${isOpen && document.is_required && html`<button class="link" data-testid="tick-${document.code}" onClick=${() => change({ is_received: !document.received_at })}>${t(document.received_at ? "untick" : "on_paper")}</button>`}
    </li>
  `;
}

function File({ file, documents, isOpen, name, askRemoval }) {
  const isPicture = file.content_type.startsWith("image/");
  return html`
    <li class="claim-file" data-testid="claim-file">
      <a href=${file.url} target="_blank" rel="noopener" title=${file.name}>${isPicture ? html`<img src=${file.url} alt=${file.name} loading="lazy" />` : html`<span class="claim-pdf">PDF</span>`}</a>
      <span class="claim-file-name" title=${file.name}>${file.name}</span>
      ${isOpen
        ? html`<select aria-label=${t("which")} data-testid="file-code" value=${file.code ?? ""} onChange=${(event) => name(event.target.value)}>
            <option value="" disabled>${t("which")}</option>
            ${documents.map((one) => html`<option key=${one.code} value=${one.code}>${named(one.name)}</option>`)}
          </select>
          <button class="link" onClick=${askRemoval}>${t("remove")}</button>`
        : html`<span class="muted">${named(documents.find((one) => one.code === file.code)?.name)}</span>`}
    </li>
  `;
}

export function Documents({ claim, show }) {
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(null);
  const isOpen = OPEN.includes(claim.stage) && may("claims:write");
  const run = async (work, done) => {
    setBusy(true);
    try {
      show(await work());
      if (done) tell(done);
    } catch (problem) {
      tellFailure(problem);
    }
    setBusy(false);
  };
  const add = async (files) => {
    for (const file of files) await run(() => addFile(`/claims/${claim.number}/files`, file), t("done.uploaded"));
  };
  const missing = claim.missing_documents.length;
  const files = html`<ul class="claim-files">${claim.files.map(
    (file) => html`<${File} key=${file.id} file=${file} documents=${claim.documents} isOpen=${isOpen} name=${(code) => run(() => nameFile(claim.number, file.id, code))} askRemoval=${() => setRemoving(file)} />`,
  )}</ul>`;
  return html`
    <section class="card">
      <h3>${t("documents")} <span class="pill ${missing ? "warn" : "good"}">${missing ? t("n_missing", { n: missing }) : t("complete")}</span></h3>
      <ul class="claim-documents">
        ${claim.documents.map((one) => html`<${Needed} key=${one.code} document=${one} isOpen=${isOpen} change=${(body) => run(() => changeDocument(claim.number, one.code, body))} />`)}
      </ul>
      <h3>${t("files")}</h3>
      ${isOpen ? html`<${DropZone} label=${busy ? t("uploading") : t("upload")} onFiles=${add}>${claim.files.length ? files : html`<p class="muted">${t("no_files")}</p>`}<//>` : files}
      ${removing &&
      html`<${Dialog} title=${t("remove_title")} onClose=${() => setRemoving(null)}>
        <form onSubmit=${(event) => (event.preventDefault(), setRemoving(null), run(() => removeFile(claim.number, removing.id)))}>
          <p class="muted">${removing.name} — ${t("remove_lead")}</p>
          <footer><button type="button" onClick=${() => setRemoving(null)}>${t("cancel")}</button><button class="primary">${t("remove")}</button></footer>
        </form>
      <//>`}
    </section>
  `;
}
