// Who we are, how the connection is, the language, and the way out.

import { html, useRef, useState } from "/static/vendor/preact.js";
import { forget, tellFrame } from "./connection.js";
import { choose, language, t } from "./language.js";
import { status } from "./state.js";

const LANGUAGES = [
  ["zh-Hans", "简", "简体中文", "language-zh"],
  ["zh-Hant", "繁", "繁體中文", "language-zh-hant"],
  ["en", "EN", "English", "language-en"],
];

function LanguageSwitch() {
  return html`
    <div class="languages" role="group" aria-label=${t("language")}>
      ${LANGUAGES.map(
        ([tag, label, name, testid]) => html`
          <button type="button" lang=${tag} data-testid=${testid} aria-label=${name} title=${name}
            aria-pressed=${language.value === tag ? "true" : "false"} onClick=${() => choose(tag)}>${label}</button>`,
      )}
    </div>`;
}

function EndSession() {
  const dialog = useRef(null);
  const [hasFailed, setFailed] = useState(false);
  const end = async () => {
    const isDone = await forget();
    setFailed(!isDone);
    if (isDone) dialog.current.close();
  };
  return html`
    <button type="button" class="quiet" data-testid="end-session" title=${t("end")} aria-label=${t("end")}
      onClick=${() => dialog.current.showModal()}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M14 4H6v16h8M10 12h10m-3.500-3.500L20 12l-3.500 3.500" /></svg>
    </button>
    <dialog ref=${dialog} aria-labelledby="end-title" onClose=${() => setFailed(false)}>
      <h2 id="end-title">${t("end_title")}</h2>
      <p>${t("end_text")}</p>
      ${hasFailed && html`<p class="error" role="alert">${t("end_failed")}</p>`}
      <div class="actions">
        <button type="button" class="secondary" onClick=${() => dialog.current.close()}>${t("cancel")}</button>
        <button type="button" class="primary" data-testid="end-session-confirm" onClick=${end}>${t("end_confirm")}</button>
      </div>
    </dialog>`;
}

function Close() {
  return html`
    <button type="button" class="quiet" data-testid="close" title=${t("close")} aria-label=${t("close_chat")} onClick=${() => tellFrame("close")}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6 6 18" /></svg>
    </button>`;
}

export function Header({ isEmbedded }) {
  const isOnline = status.value === "online";
  return html`
    <header class="header">
      <img class="mark" src="/static/web/mark.svg" alt="" width="40" height="40" />
      <div class="title">
        <h1>${t("company")}</h1>
        <p class="state" data-testid="status" data-status=${status.value}>
          <span class="dot" aria-hidden="true"></span><span>${t(isOnline ? "online" : "connecting")}</span>
          ${isOnline && html`<span class="soon">· ${t("replies_soon")}</span>`}
        </p>
      </div>
      <${LanguageSwitch} />
      <${EndSession} />
      ${isEmbedded && html`<${Close} />`}
    </header>`;
}
