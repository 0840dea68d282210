// The sign-in form; asks for the one-time code when the account has one.
import { html, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { hadSession, signIn } from "/static/console/store.js";
import { language, setLanguage, t } from "/static/console/texts.js";
import { wordsFor } from "/static/console/toasts.js";

export function Mark() {
  return html`<img class="mark" src="/static/console/icon.svg" alt="" width="28" height="28" />`;
}

function Field({ name, label, hint, ...rest }) {
  return html`
    <label class="field">
      <span>${label}</span>
      <input name=${name} data-testid=${name} aria-describedby=${hint ? `${name}-hint` : undefined} required ...${rest} />
      ${hint && html`<small id="${name}-hint">${hint}</small>`}
    </label>
  `;
}

/** The app's code, or a recovery code when the phone is not at hand. */
function Otp({ isRecovery, change }) {
  const field = isRecovery
    ? html`<${Field} key="recovery" name="otp" label=${t("sign_in.recovery")} hint=${t("sign_in.recovery_hint")} autocomplete="off" autocapitalize="none" spellcheck=${false} maxlength="20" />`
    : html`<${Field} key="app" name="otp" label=${t("sign_in.otp")} hint=${t("sign_in.otp_hint")} inputmode="numeric" autocomplete="one-time-code" maxlength="8" />`;
  return html`${field}<button type="button" class="link" data-testid="otp-other" onClick=${change}>${t(isRecovery ? "sign_in.use_app" : "sign_in.use_recovery")}</button>`;
}

function useSignIn() {
  const [asksCode, setAsksCode] = useState(false);
  const [isRecovery, setRecovery] = useState(false);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  async function submit(event) {
    event.preventDefault();
    const { username, password, otp } = Object.fromEntries(new FormData(event.target));
    setBusy(true);
    setProblem(null);
    try {
      await signIn({ username, password, ...(otp ? { otp } : {}) });
    } catch (failure) {
      setBusy(false);
      if (failure.code === "otp_required") setAsksCode(true);
      else setProblem(failure);
    }
  }
  const changeCode = () => (setRecovery(!isRecovery), setProblem(null));
  const words = problem && (isRecovery && problem.code === "otp_wrong" ? t("sign_in.recovery_wrong") : wordsFor(problem));
  return { asksCode, isRecovery, changeCode, words, problem, busy, submit };
}

export function SignIn() {
  const { asksCode, isRecovery, changeCode, words, problem, busy, submit } = useSignIn();
  const form = useRef(null);
  useEffect(() => {
    const field = asksCode ? "otp" : problem ? "password" : "username";
    form.current?.elements[field]?.select();
  }, [asksCode, isRecovery, problem]);
  const other = language.value === "zh" ? "en" : "zh";
  return html`
    <main class="sign-in">
      <form ref=${form} onSubmit=${submit}>
        <header><${Mark} /><h1>${t("sign_in.title")}</h1></header>
        <p class="muted">${t(hadSession.value ? "sign_in.again" : "sign_in.hint")}</p>
        <${Field} name="username" label=${t("sign_in.username")} autocomplete="username" autocapitalize="none" spellcheck=${false} />
        <${Field} name="password" label=${t("sign_in.password")} type="password" autocomplete="current-password" />
        ${asksCode && html`<${Otp} isRecovery=${isRecovery} change=${changeCode} />`}
        <p class="form-problem" role="alert">${words}</p>
        <button class="primary wide" data-testid="sign-in" disabled=${busy}>
          ${t(busy ? "sign_in.busy" : "sign_in.button")}
        </button>
      </form>
      <button class="quiet" aria-label=${t("top.language_label")} onClick=${() => setLanguage(other)}>
        ${t("top.language")}
      </button>
    </main>
  `;
}
