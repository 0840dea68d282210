// What an agent does with a claim: move, decide, pay; disputes.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { businessDate } from "/static/console/format.js";
import { Dialog } from "/static/console/resolve.js";
import { named } from "/static/console/texts.js";
import { tell } from "/static/console/toasts.js";
import { act, failureWords, loadTypes, may, t, tellFailure, yuan } from "/static/console/sections/claims/calls.js";
import { today } from "/static/console/sections/kit.js";

const REVIEW = ["under_review", "investigating"];
const DECIDED = ["approved", "paid", "declined", "closed"];

/** A dialog with a form: `submit` gets the form's fields by name, and gives why it was refused, or nothing. */
function Form({ title, lead, close, submit, children }) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState(null);
  async function send(event) {
    event.preventDefault();
    setBusy(true);
    setRefusal(await submit(Object.fromEntries(new FormData(event.target))));
    setBusy(false);
  }
  return html`
    <${Dialog} title=${title} onClose=${close}>
      <form class="claim-form" onSubmit=${send}>
        ${lead && html`<p class="muted">${lead}</p>`}
        ${children}
        <p class="form-problem" role="alert" data-testid="refusal">${refusal}</p>
        <footer><button type="button" onClick=${close}>${t("cancel")}</button><button class="primary" data-testid="claim-confirm" disabled=${busy}>${t("confirm")}</button></footer>
      </form>
    <//>
  `;
}

const Note = () => html`<label class="field"><span>${t("note")}</span><textarea name="note" rows="2" maxlength="4000"></textarea></label>`;

function DecisionFields({ claim }) {
  const [decision, choose] = useState("approved");
  const [reasons, setReasons] = useState([]);
  const [reason, setReason] = useState("");
  useEffect(() => void loadTypes().then((found) => setReasons(found.reasons)).catch(tellFailure), []);
  return html`
    <label class="field"><span>${t("decide")}</span>
      <select name="decision" data-testid="decision" value=${decision} onChange=${(event) => choose(event.target.value)}>
        ${["approved", "partly_approved", "declined"].map((one) => html`<option key=${one} value=${one}>${t(`decision.${one}`)}</option>`)}
      </select>
    </label>
    ${decision !== "declined" &&
    html`<label class="field"><span>${t("approved")} (CNY)</span><input name="amount" type="number" min="0.01" step="0.01" required defaultValue=${decision === "approved" ? claim.claimed_amount?.amount : ""} key=${decision} data-testid="decision-amount" /></label>`}
    <label class="field"><span>${t("reason_choose")}</span>
      <select name="reason" required value=${reason} data-testid="decision-reason" onChange=${(event) => setReason(event.target.value)}>
        <option value="" disabled>${t("choose")}</option>
        ${reasons.map((one) => html`<option key=${one.code} value=${one.code}>${named(one.name)}</option>`)}
        <option value="own">${t("own_words")}</option>
      </select>
      ${reason === "own" && html`<textarea name="words" required rows="2" maxlength="2000"></textarea>`}
    </label>
    <${Note} />
  `;
}

const PaymentFields = ({ claim }) => {
  const rest = Number(claim.approved_amount?.amount ?? 0) - Number(claim.paid_amount?.amount ?? 0);
  return html`
    <label class="field"><span>${t("paid")} (CNY)</span><input name="amount" type="number" min="0.01" step="0.01" required defaultValue=${rest.toFixed(2)} /></label>
    <label class="field"><span>${t("paid_on")}</span><input name="paid_on" type="date" required max=${today()} defaultValue=${today()} /></label>
    <label class="field"><span>${t("reference")}</span><input name="reference" maxlength="100" /></label>
  `;
};

function useActs({ claim, show, reload, close }) {
  return async (name, body, done) => {
    try {
      show(await act(claim.number, name, body));
      tell(done);
      close();
    } catch (problem) {
      if (problem.code === "version_conflict") reload();
      return failureWords(problem);
    }
    return null;
  };
}

function Asked({ asked, close, ...shared }) {
  const { claim } = shared;
  const run = useActs({ ...shared, close });
  const { version } = claim;
  if (asked.kind === "move") {
    const stage = t(`stage.${asked.stage}`);
    const submit = ({ note }) => run("transitions", { stage: asked.stage, version, note: note.trim() || null }, t("done.moved", { stage }));
    return html`<${Form} title=${t("move_title", { stage })} close=${close} submit=${submit}><${Note} /><//>`;
  }
  if (asked.kind === "decide") {
    const submit = ({ decision, amount, reason, words, note }) =>
      run("decision", { decision, approved_amount: yuan(amount), reason: reason === "own" ? words : reason, note: note.trim() || null, version }, t("done.decided"));
    return html`<${Form} title=${t("decide")} lead=${t("decide_lead")} close=${close} submit=${submit}><${DecisionFields} claim=${claim} /><//>`;
  }
  if (asked.kind === "pay") {
    const submit = ({ amount, paid_on, reference }) => run("payment", { amount: yuan(amount), paid_on, reference: reference.trim() || null, version }, t("done.paid"));
    return html`<${Form} title=${t("pay")} lead=${t("pay_lead")} close=${close} submit=${submit}><${PaymentFields} claim=${claim} /><//>`;
  }
  if (asked.kind === "dispute") {
    const submit = ({ reason }) => run("disputes", { reason }, t("done.disputed"));
    return html`<${Form} title=${t("dispute")} close=${close} submit=${submit}><label class="field"><span>${t("dispute_reason")}</span><textarea name="reason" required rows="4" maxlength="4000"></textarea></label><//>`;
  }
  const submit = ({ outcome, note }) => run(`disputes/${asked.id}/close`, { outcome, note: note.trim() || null }, t("done.dispute_closed"));
  return html`
    <${Form} title=${t("close_dispute")} close=${close} submit=${submit}>
      <label class="field"><select name="outcome">${["upheld", "changed", "withdrawn"].map((one) => html`<option key=${one} value=${one}>${t(`outcome.${one}`)}</option>`)}</select></label>
      <${Note} />
    <//>
  `;
}

export function Work(shared) {
  const { claim } = shared;
  const [asked, ask] = useState(null);
  const mayDecide = REVIEW.includes(claim.stage) && may("claims:decide");
  const mayPay = claim.stage === "approved" && may("claims:pay");
  const isDisputed = claim.disputes.some((one) => !one.outcome);
  const mayDispute = claim.decision && DECIDED.includes(claim.stage) && !isDisputed;
  const isIdle = !claim.allowed_stages.length && !mayDecide && !mayPay && !mayDispute;
  return html`
    <section class="card">
      <h3>${t("work")}</h3>
      <div class="toolbar">
        ${mayDecide && html`<button class="primary" data-testid="claim-decide" onClick=${() => ask({ kind: "decide" })}>${t("decide")}</button>`}
        ${mayPay && html`<button class="primary" data-testid="claim-pay" onClick=${() => ask({ kind: "pay" })}>${t("pay")}</button>`}
        ${claim.allowed_stages.map((stage) => html`<button key=${stage} data-testid="move-${stage}" onClick=${() => ask({ kind: "move", stage })}>${t("move", { stage: t(`stage.${stage}`) })}</button>`)}
        ${mayDispute && html`<button data-testid="claim-dispute" onClick=${() => ask({ kind: "dispute" })}>${t("dispute")}</button>`}
        ${isIdle && html`<span class="muted">${t("nothing_to_do")}</span>`}
      </div>
      ${asked && html`<${Asked} asked=${asked} close=${() => ask(null)} ...${shared} />`}
    </section>
  `;
}

export function Disputes(shared) {
  const [asked, ask] = useState(null);
  if (!shared.claim.disputes.length) return null;
  return html`
    <section class="card">
      <h3>${t("disputes")}</h3>
      <ol class="claim-history">
        ${[...shared.claim.disputes].reverse().map(
          (one) => html`
            <li key=${one.id}>
              <p>${one.reason}</p>
              <span class="muted">${one.outcome ? t(`outcome.${one.outcome}`) : t("due", { day: businessDate(one.due_on) })}${one.ticket_number ? ` · ${t("ticket", { number: one.ticket_number })}` : ""}</span>
              ${one.outcome_note && html`<p>${one.outcome_note}</p>`}
              ${!one.outcome && may("claims:decide") && html`<button class="small" data-testid="dispute-close" onClick=${() => ask({ kind: "close", id: one.id })}>${t("close_dispute")}</button>`}
            </li>
          `,
        )}
      </ol>
      ${asked && html`<${Asked} asked=${asked} close=${() => ask(null)} ...${shared} />`}
    </section>
  `;
}
