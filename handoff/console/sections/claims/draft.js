// A report for a customer: the one open draft, whoever began it on whatever channel.
import { html, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { dayOf } from "/static/console/format.js";
import { Dialog } from "/static/console/resolve.js";
import { named } from "/static/console/texts.js";
import { tell } from "/static/console/toasts.js";
import { Loaded, today } from "/static/console/sections/kit.js";
import { addDraftFile, changeDraft, confirmDraft, discardDraft, findCustomers, go, loadTypes, policiesOf, readDraft, t, tellFailure, yuan } from "/static/console/sections/claims/calls.js";
import { DropZone } from "/static/console/sections/claims/documents.js";

const EMPTY = { policy_number: "", type: "", incident_date: "", incident_place: "", description: "", claimed_amount: "", injured: "", contact_phone: "" };

const fieldsOf = (draft) => ({
  ...EMPTY,
  ...Object.fromEntries(Object.keys(EMPTY).filter((name) => draft?.[name]).map((name) => [name, draft[name]])),
  claimed_amount: draft?.claimed_amount?.amount ?? "",
  injured: draft?.injured === true ? "yes" : draft?.injured === false ? "no" : "",
  contact_phone: "", // it is shown masked; empty leaves it as it is
});

/** Only what was changed is sent, so that an agent never undoes what the customer says meanwhile. */
function changesOf(fields, draft) {
  const before = fieldsOf(draft);
  const changed = Object.keys(EMPTY).filter((name) => fields[name] !== before[name]);
  const value = { claimed_amount: yuan, injured: (text) => (text ? text === "yes" : null) };
  return Object.fromEntries(changed.map((name) => [name, value[name] ? value[name](fields[name]) : fields[name] || null]));
}

function FindCustomer() {
  const [words, setWords] = useState("");
  const [found, setFound] = useState([]);
  useEffect(() => {
    if (!words.trim()) return setFound([]);
    const waiting = setTimeout(() => findCustomers(words.trim()).then((page) => setFound(page.items)).catch(tellFailure), 250);
    return () => clearTimeout(waiting);
  }, [words]);
  return html`
    <section class="card">
      <input type="search" autofocus class="grow" placeholder=${t("find_customer")} aria-label=${t("find_customer")} data-testid="draft-customer" value=${words} onInput=${(event) => setWords(event.target.value)} />
      <ul class="claim-documents">
        ${found.map((one) => html`<li key=${one.id}><button class="link" data-testid="choose-${one.id}" onClick=${() => go("new", one.id)}>${one.name} ${one.latin_name ?? ""}</button><span class="muted">${one.phone ?? ""} · ${one.external_id ?? ""}</span></li>`)}
      </ul>
    </section>
  `;
}

function Fields({ fields, change, policies, types, draft }) {
  const product = policies.find((one) => one.number === fields.policy_number)?.product_type;
  const kinds = types.filter((one) => !product || one.products.includes(product));
  const typed = (name) => ({ value: fields[name], "data-testid": `draft-${name}`, onInput: (event) => change({ [name]: event.target.value }) });
  const field = (name, control, isWide) => html`<label class="field ${isWide ? "wide" : ""}"><span>${t(`field.${name}`)}</span>${control}</label>`;
  return html`
    <div class="fields">
      ${field("policy_number", html`<select ...${typed("policy_number")}><option value="">${t("choose")}</option>${policies.map((one) => html`<option key=${one.number} value=${one.number}>${named(one.product_name)} · ${one.number}</option>`)}</select>`)}
      ${field("type", html`<select ...${typed("type")}><option value="">${t("choose")}</option>${kinds.map((one) => html`<option key=${one.type} value=${one.type}>${named(one.name)}</option>`)}</select>`)}
      ${field("incident_date", html`<input type="date" max=${today()} ...${typed("incident_date")} />`)}
      ${field("incident_place", html`<input maxlength="500" ...${typed("incident_place")} />`)}
      ${field("claimed_amount", html`<input type="number" min="0.01" step="0.01" ...${typed("claimed_amount")} />`)}
      ${field("injured", html`<select ...${typed("injured")}><option value="">–</option><option value="yes">${t("yes")}</option><option value="no">${t("no")}</option></select>`)}
      ${field("contact_phone", html`<input maxlength="40" placeholder=${draft?.contact_phone ?? ""} ...${typed("contact_phone")} />`)}
      ${field("description", html`<textarea rows="4" maxlength="4000" ...${typed("description")}></textarea>`, true)}
    </div>
  `;
}

/** What was typed and not saved when the agent goes elsewhere is saved with the report: nothing is typed twice. */
function useSavedOnLeaving(unsaved, onSaved) {
  const latest = useRef(null);
  latest.current = unsaved;
  useEffect(() => () => latest.current?.().then(() => (tell(t("saved")), onSaved?.()), tellFailure), []);
}

/** `onReported` gets the claim's number; `onLeave` is called when the report was discarded, `onSaved` after each saving. */
export function Editor({ customer, isBeside, onReported, onLeave, onSaved }) {
  const [draft, setDraft] = useState(null);
  const [fields, setFields] = useState(null);
  const [failed, setFailed] = useState(null);
  const [policies, setPolicies] = useState([]);
  const [types, setTypes] = useState([]);
  const [isDiscarding, setDiscarding] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const show = (found) => (setDraft(found), setFields(fieldsOf(found)));
  const load = () => readDraft(customer).then((found) => (setFailed(null), show(found.draft))).catch(setFailed);
  useEffect(() => {
    load();
    policiesOf(customer).then((page) => setPolicies(page.items)).catch(tellFailure);
    loadTypes().then((found) => setTypes(found.items)).catch(tellFailure);
  }, [customer]);
  const changes = fields ? changesOf(fields, draft) : {};
  const isDirty = Object.keys(changes).length > 0;
  const send = () => changeDraft(customer, draft ? { ...changes, version: draft.version } : changes);
  useSavedOnLeaving(isDirty && !isBusy ? send : null, onSaved);
  if (!fields) return html`<${Loaded} state=${{ data: null, failed, read: load }} />`;
  const attempt = async (work) => {
    setBusy(true);
    try {
      await work();
    } catch (problem) {
      tellFailure(problem);
      if (problem.code === "version_conflict") load();
    }
    setBusy(false);
  };
  const saved = async () => {
    if (!isDirty) return draft;
    const kept = await send();
    setDraft(kept);
    // What was typed while it was on its way stays.
    setFields((now) => ({ ...fieldsOf(kept), ...Object.fromEntries(Object.entries(now).filter(([name, value]) => value !== fields[name])) }));
    onSaved?.();
    return kept;
  };
  const save = () => attempt(async () => (await saved(), tell(t("saved"))));
  const report = () =>
    attempt(async () => {
      const claim = await confirmDraft(customer, (await saved()).version);
      tell(t("done.reported", { number: claim.number }));
      onReported(claim.number);
    });
  const discard = () => attempt(async () => (await discardDraft(customer, draft.version), show(null), onLeave()));
  const add = (files) => attempt(async () => { for (const file of files) setDraft(await addDraftFile(customer, file)); });
  const missing = (draft?.missing ?? []).filter((name) => !fields[name]);
  return html`
    <section class="card">
      <h3>${draft ? html`${t("draft")} <span class="pill">${t("draft_from", { channel: t(`channel.${draft.started_on}`) })}</span>` : t(isBeside ? "new" : "no_draft")}</h3>
      <${Fields} fields=${fields} change=${(change) => setFields({ ...fields, ...change })} policies=${policies} types=${types} draft=${draft} />
      ${draft &&
      html`<h3>${t("files")}</h3>
        <${DropZone} label=${t("upload")} onFiles=${add}>
          ${draft.documents.length ? html`<ul class="claim-documents">${draft.documents.map((one) => html`<li key=${one.id}>${one.name}<span class="muted">${dayOf(one.received_at)}</span></li>`)}</ul>` : html`<p class="muted">${t("no_files")}</p>`}
        <//>`}
      <footer class="toolbar claim-actions">
        ${draft && html`<button class="quiet" onClick=${() => setDiscarding(true)}>${t("discard")}</button>`}
        <span class="space"></span>
        ${missing.length > 0 && html`<span class="muted">${t("still", { fields: missing.map((name) => t(`field.${name}`)).join("、") })}</span>`}
        <button data-testid="draft-save" disabled=${isBusy || !isDirty} onClick=${save}>${t("save")}</button>
        <button class="primary" data-testid="draft-report" disabled=${isBusy || !["policy_number", "type", "incident_date", "description"].every((name) => fields[name])} onClick=${report}>${t("report")}</button>
      </footer>
      ${isDiscarding &&
      html`<${Dialog} title=${t("discard_title")} onClose=${() => setDiscarding(false)}>
        <form onSubmit=${(event) => (event.preventDefault(), discard())}>
          <p class="muted">${t("discard_lead")}</p>
          <footer><button type="button" onClick=${() => setDiscarding(false)}>${t("cancel")}</button><button class="primary">${t("discard")}</button></footer>
        </form>
      <//>`}
    </section>
  `;
}

export function Draft({ customer }) {
  return html`
    <header class="page-head"><button class="quiet" onClick=${() => go()}>← ${t("back")}</button><h2>${t("new")}</h2></header>
    ${customer ? html`<${Editor} customer=${customer} onReported=${go} onLeave=${() => go()} />` : html`<${FindCustomer} />`}
  `;
}
