// Recovery codes: shown once when they are made, counted afterwards, made anew with a code of the app.
import { html, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { post } from "/static/console/api.js";
import { translator } from "/static/console/texts.js";
import { tell, tellProblem } from "/static/console/toasts.js";
import { attempt } from "/static/console/sections/kit.js";
import { texts } from "/static/console/sections/settings/texts.js";

const t = translator(texts);
const FEW = 3;

/** New codes, until the agent says that they are kept. */
export function NewCodes({ codes, onDone }) {
  const heading = useRef(null);
  const text = codes.join("\n");
  useEffect(() => heading.current.focus(), []);
  const copy = () => navigator.clipboard.writeText(text).then(() => tell(t("recovery.copied")), tellProblem);
  const file = { download: "anda-recovery-codes.txt", href: `data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n`)}` };
  const download = () => Object.assign(document.createElement("a"), file).click();
  return html`
    <div class="settings-form" data-testid="recovery">
      <h4 tabindex="-1" ref=${heading}>${t("recovery.title")}</h4>
      <p class="muted">${t("recovery.once")}</p>
      <ul class="settings-codes" aria-label=${t("recovery.title")}>${codes.map((code) => html`<li key=${code}><code class="digits" data-testid="recovery-code">${code}</code></li>`)}</ul>
      <div class="toolbar">
        ${navigator.clipboard && html`<button type="button" data-testid="recovery-copy" onClick=${copy}>${t("recovery.copy")}</button>`}
        <button type="button" data-testid="recovery-download" onClick=${download}>${t("recovery.download")}</button>
        <button type="button" class="primary" data-testid="recovery-noted" onClick=${onDone}>${t("recovery.noted")}</button>
      </div>
    </div>
  `;
}

/** How many are left, and the way to new ones. */
export function CodesLeft({ left, onCodes }) {
  const [isAsking, ask] = useState(false);
  const [otp, setOtp] = useState("");
  const renew = async (event) => {
    event.preventDefault();
    const answer = await attempt(texts, () => post("/auth/totp/recovery-codes", { otp: otp.replace(/\s/g, "") }));
    setOtp("");
    if (answer) onCodes(answer.recovery_codes);
  };
  return html`
    <p><span class="pill ${left < FEW ? "warn" : "plain"}" data-testid="recovery-left">${t("recovery.left", { n: left })}</span></p>
    <p class="muted">${t("recovery.why")}</p>
    ${!isAsking && html`<div class="toolbar"><button type="button" data-testid="recovery-new" onClick=${() => ask(true)}>${t("recovery.new")}</button></div>`}
    ${isAsking &&
    html`<form class="toolbar" onSubmit=${renew}>
      <input class="settings-code" required autofocus inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,8}" aria-label=${t("factor.code")} placeholder=${t("recovery.code")} data-testid="recovery-otp" value=${otp} onInput=${(event) => setOtp(event.target.value)} />
      <button class="primary" data-testid="recovery-renew">${t("recovery.renew")}</button><button type="button" onClick=${() => ask(false)}>${t("cancel")}</button>
      <p class="muted settings-whole">${t("recovery.renew_lead")}</p>
    </form>`}
  `;
}
