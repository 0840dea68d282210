// One's own account: password, second factor, signed-in browsers.
import { html, useState } from "/static/vendor/preact.js";
import { post, remove } from "/static/console/api.js";
import { useLeaveGuard } from "/static/console/sections.js";
import { translator } from "/static/console/texts.js";
import { useWrong } from "/static/console/wrong.js";
import { attempt, browserName, Loaded, moment, useRead } from "/static/console/sections/kit.js";
import { CodesLeft, NewCodes } from "/static/console/sections/settings/recovery.js";
import { texts } from "/static/console/sections/settings/texts.js";

const t = translator(texts);

function Password() {
  const [draft, setDraft] = useState({ old: "", new: "", again: "" });
  const wrong = useWrong(["old", "new"], { wrong_credentials: "old" });
  useLeaveGuard(Object.values(draft).some(Boolean));
  const type = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const save = async (event) => {
    event.preventDefault();
    if (draft.new !== draft.again) return wrong.tell("again", t("password.differ"));
    const done = await attempt(texts, () => post("/auth/password", { old: draft.old, new: draft.new }), t("password.done"), wrong);
    if (done) setDraft({ old: "", new: "", again: "" });
  };
  const field = (name, complete) => html`<label class="field"><span>${t(`password.${name}`)}</span><input type="password" required minlength=${name === "old" ? 1 : 12} maxlength="1000" autocomplete=${complete} data-testid="password-${name}" value=${draft[name]} onInput=${type(name)} ...${wrong.at(name)} />${wrong.words(name)}</label>`;
  return html`
    <form class="card settings-form" onSubmit=${save}>
      <h3>${t("password.title")}</h3>
      ${field("old", "current-password")}${field("new", "new-password")}${field("again", "new-password")}
      <p class="muted">${t("password.hint")}</p>
      <div class="toolbar"><button class="primary" data-testid="password-change">${t("password.change")}</button></div>
    </form>
  `;
}

function Enrolling({ enrolment, onDone }) {
  const [otp, setOtp] = useState("");
  const confirm = async (event) => {
    event.preventDefault();
    const answer = await attempt(texts, () => post("/auth/totp/confirm", { otp: otp.replace(/\s/g, "") }), t("factor.done"));
    if (answer) onDone(answer.recovery_codes);
    else setOtp("");
  };
  return html`
    <form class="settings-form" onSubmit=${confirm}>
      <p>${t("factor.scan")}</p>
      <img class="settings-qr" alt=${t("factor.picture")} data-testid="totp-picture" src="data:image/svg+xml;utf8,${encodeURIComponent(enrolment.svg)}" />
      <details><summary>${t("factor.by_hand")}</summary><code class="digits settings-secret" data-testid="totp-secret">${enrolment.secret}</code></details>
      <label class="field"><span>${t("factor.code")}</span><input class="settings-code" required inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,8}" data-testid="totp-code" value=${otp} onInput=${(event) => setOtp(event.target.value)} /></label>
      <div class="toolbar"><button class="primary" data-testid="totp-confirm">${t("factor.confirm")}</button><button type="button" onClick=${() => onDone(null)}>${t("cancel")}</button></div>
    </form>
  `;
}

function Removing({ onDone }) {
  const [password, setPassword] = useState("");
  const off = async (event) => {
    event.preventDefault();
    if (await attempt(texts, () => post("/auth/totp/remove", { password }), t("factor.removed"))) onDone();
    else setPassword("");
  };
  return html`
    <form class="toolbar" onSubmit=${off}>
      <input class="settings-short" type="password" required autocomplete="current-password" aria-label=${t("factor.password")} placeholder=${t("factor.password")} data-testid="totp-password" value=${password} onInput=${(event) => setPassword(event.target.value)} />
      <button data-testid="totp-remove">${t("factor.remove")}</button>
    </form>
  `;
}

function SecondFactor() {
  const state = useRead("/auth/totp");
  const [enrolment, setEnrolment] = useState(null);
  const [codes, setCodes] = useState(null);
  const begin = async () => {
    const begun = await attempt(texts, () => post("/auth/totp"));
    if (begun) setEnrolment(begun);
  };
  const done = (made = null) => {
    setEnrolment(null);
    setCodes(made);
    state.read();
  };
  return html`
    <section class="card settings-form"><h3>${t("factor.title")}</h3>
      <${Loaded} state=${state}>${({ is_on: isOn, recovery_codes_left: left }) => html`
        <p><span class="pill ${isOn ? "good" : "warn"}" data-testid="totp-state">${t(isOn ? "factor.on" : "factor.off")}</span></p>
        ${!enrolment && !codes && html`<p class="muted">${t("factor.why")}</p>`}
        ${isOn && codes && html`<${NewCodes} codes=${codes} onDone=${() => done()} />`}
        ${isOn && !codes && html`<${CodesLeft} left=${left} onCodes=${done} /><${Removing} onDone=${() => done()} />`}
        ${!isOn && !enrolment && html`<div class="toolbar"><button class="primary" data-testid="totp-begin" onClick=${begin}>${t("factor.begin")}</button></div>`}
        ${!isOn && enrolment && html`<${Enrolling} enrolment=${enrolment} onDone=${done} />`}
        <p class="muted">${t("factor.lost")}</p>`}<//>
    </section>
  `;
}

function Sessions() {
  const state = useRead("/auth/sessions");
  const end = async (ids) => {
    await attempt(texts, () => Promise.all(ids.map((id) => remove(`/auth/sessions/${id}`))), t("sessions.ended"));
    state.read();
  };
  return html`
    <section class="card"><h3>${t("sessions.title")}</h3>
      <${Loaded} state=${state}>${({ items }) => {
        const others = items.filter((one) => !one.is_this_one);
        return html`
          <ul class="lines" data-testid="sessions">${items.map((one) => html`
            <li key=${one.id}><span title=${one.browser}><strong>${browserName(one.browser) || t("sessions.unknown")}</strong> ${one.is_this_one && html`<span class="pill good">${t("sessions.this_one")}</span>`}<br /><span class="muted">${t("sessions.since", { when: moment(one.created_at) })} · ${t("sessions.until", { when: moment(one.expires_at) })}</span></span>
              ${!one.is_this_one && html`<button class="small" data-testid="session-end" onClick=${() => end([one.id])}>${t("sessions.end")}</button>`}</li>`)}</ul>
          ${others.length > 1 && html`<div class="toolbar"><button data-testid="sessions-end" onClick=${() => end(others.map((one) => one.id))}>${t("sessions.end_others")}</button></div>`}
          <p class="muted settings-note">${t("sessions.lockout")}</p>`;
      }}<//>
    </section>
  `;
}

export const Account = () => html`<div class="two"><div class="settings-column"><${Password} /><${Sessions} /></div><${SecondFactor} /></div>`;
