// To confirm a request or to decline it: each is asked again in a dialog, because neither can be taken back.
import { html, useState } from "/static/vendor/preact.js";
import { post } from "/static/console/api.js";
import { Dialog } from "/static/console/resolve.js";
import { language, named, translator } from "/static/console/texts.js";
import { tell, wordsFor } from "/static/console/toasts.js";
import { Shares } from "/static/console/sections/changes/shares.js";
import { texts } from "/static/console/sections/changes/texts.js";
import { may } from "/static/console/sections/kit.js";

const t = translator(texts);
const REASONS = ["not_confirmed", "not_possible", "withdrawn", "suspicious"];
/** After these the request is another one than the agent sees. */
const MOVED = ["version_conflict", "change_not_open"];

function Asking({ title, change, close, submit, confirm, testid, children }) {
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState(null);
  const send = async (event) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(await submit(new FormData(event.target)));
    setBusy(false);
  };
  return html`
    <${Dialog} title=${title} onClose=${close}>
      <form class="changes-asking" onSubmit=${send}>
        <p><strong>${named(change.summary)}</strong></p>
        ${children}
        <p class="form-problem" role="alert" data-testid="refusal">${refusal}</p>
        <footer><button type="button" onClick=${close}>${t("cancel")}</button><button class="primary" disabled=${isBusy} data-testid=${testid}>${confirm}</button></footer>
      </form>
    <//>
  `;
}

function Approve({ change, run, close }) {
  const [shares, setShares] = useState([]);
  const submit = () => {
    const body = { version: change.version, ...(change.is_resolved ? {} : { beneficiaries: shares }) };
    return run("approve", body, (answer) => (answer.state === "applied" ? "done_applied" : "done_approved"));
  };
  return html`
    <${Asking} title=${t("approve_title")} change=${change} close=${close} submit=${submit} confirm=${t("approve")} testid="approve-confirm">
      ${!change.is_resolved && html`<${Shares} t=${t} shares=${shares} onChange=${setShares} />`}
      ${change.field === "phone" && html`<p class="muted">${t("phone_note")}</p>`}
      <p class="muted">${t("sure")}</p>
    <//>
  `;
}

function Decline({ change, run, close }) {
  const submit = (form) => run("decline", { version: change.version, reason: form.get("reason") }, () => "done_declined");
  return html`
    <${Asking} title=${t("decline_title")} change=${change} close=${close} submit=${submit} confirm=${t("decline")} testid="decline-confirm">
      <label class="field"><span>${t("reason")}</span>
        <select name="reason" required data-testid="decline-reason"><option value="">${t("choose")}</option>${REASONS.map((one) => html`<option key=${one} value=${one}>${t(`reasons.${one}`)}</option>`)}</select>
      </label>
      <p class="muted">${t("decline_lead")}</p>
    <//>
  `;
}

/** `decided` gets the request as it is then; `reread` is called when it turns out to have changed. */
export function Decision({ change, decided, reread }) {
  const [asked, ask] = useState(null);
  const close = () => ask(null);
  const run = async (act, body, done) => {
    try {
      const answer = await post(`/changes/${change.number}/${act}`, body);
      tell(t(done(answer)));
      close();
      decided(answer);
    } catch (problem) {
      const words = texts[language.value].error[problem.code] ?? wordsFor(problem);
      if (!MOVED.includes(problem.code)) return words; // the dialog stays, and says it
      tell(words, "bad");
      close();
      reread();
    }
    return null;
  };
  const Form = { approve: Approve, decline: Decline }[asked];
  return html`
    <section class="card changes-decision">
      ${!change.needs_supervisor || may("changes:approve") ? html`<button class="primary" data-testid="approve" onClick=${() => ask("approve")}>${t("approve")}</button>` : html`<p class="muted">${t("supervisor")}</p>`}
      <span class="space"></span>
      <button data-testid="decline" onClick=${() => ask("decline")}>${t("decline")}</button>
      ${Form && html`<${Form} change=${change} run=${run} close=${close} />`}
    </section>
  `;
}
