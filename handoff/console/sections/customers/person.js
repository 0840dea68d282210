// Who the person is: details, tags, tier and why, family, accounts, channels, consents.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { get, newKey, patch, post, put, remove } from "/static/console/api.js";
import { businessDate, dayOf, phone } from "/static/console/format.js";
import { useWrong } from "/static/console/wrong.js";
import { attempt, may, t, zone } from "/static/console/sections/customers/calls.js";

const EDITABLE = ["name", "latin_name", "email", "address", "region", "occupation"];
/** As the API wants them: an address with a domain, a name of more than spaces. */
const PATTERNS = { email: "[^@\\s]+@[^@\\s]+\\.[^@\\s]+", name: ".*\\S.*" };
const RELATIONS = ["spouse", "son", "daughter", "father", "mother", "sibling", "other"];

/** A masked number and the click that shows it, which is audited. */
function Masked({ id, field, account, children }) {
  const [full, setFull] = useState(null);
  const show = () => attempt(async () => setFull((await post(`/customers/${id}/reveal`, { field, account_id: account })).value), "revealed");
  return html`<span class="digits">${full ?? children}</span> ${!full && children && may("customers:reveal") && html`<button class="link" data-testid="reveal-${field}" onClick=${show}>${t("reveal")}</button>`}`;
}

export function Person({ id, seen, read }) {
  const [draft, setDraft] = useState(null);
  const wrong = useWrong(EDITABLE);
  const person = seen.customer;
  const save = async (event) => {
    event.preventDefault();
    const changed = Object.fromEntries(EDITABLE.filter((name) => (draft[name] || null) !== person[name]).map((name) => [name, draft[name]?.trim() || null]));
    const isDone = !Object.keys(changed).length || (await attempt(() => patch(`/customers/${id}`, { version: person.version, ...changed }), "saved", wrong));
    if (isDone) setDraft(null);
    await read();
  };
  if (draft) {
    return html`
      <form class="card" data-testid="person-form" onSubmit=${save}>
        <h3>${t("edit")}</h3>
        <div class="fields">${EDITABLE.map((name) => html`<label class="field" key=${name}>${t(`facts.${name}`)}<input name=${name} type=${name === "email" ? "email" : "text"} maxlength="200" required=${name === "name"} pattern=${PATTERNS[name]} value=${draft[name] ?? ""} onInput=${(event) => setDraft({ ...draft, [name]: event.target.value })} ...${wrong.at(name)} />${wrong.words(name)}</label>`)}</div>
        <p class="muted">${t("phone_hint")}</p>
        <div class="toolbar"><button class="primary">${t("save")}</button><button type="button" onClick=${() => setDraft(null)}>${t("cancel")}</button></div>
      </form>
    `;
  }
  const facts = [
    ["phone", html`<${Masked} id=${id} field="phone">${phone(person.phone)}<//>`], ["id_number", html`<${Masked} id=${id} field="id_number">${person.id_number_masked}<//>`],
    ["gender", person.gender && t(`gender.${person.gender}`)], ["birth_date", person.birth_date && businessDate(person.birth_date)], ["email", person.email],
    ["address", person.address], ["region", person.region], ["occupation", person.occupation], ["language", t(`language.${person.language}`)], ["external_id", person.external_id],
  ];
  return html`
    <section class="card" data-testid="person">
      <dl class="customers-facts">${facts.filter(([, value]) => value).map(([name, value]) => html`<div key=${name}><dt>${t(`facts.${name}`)}</dt><dd>${value}</dd></div>`)}</dl>
      ${may("customers:write") && html`<button class="small" data-testid="edit" onClick=${() => setDraft({ ...person })}>${t("edit")}</button>`}
    </section>
  `;
}

export function Tags({ id, seen, read }) {
  const [tags, setTags] = useState(seen.customer.tags.map((tag) => ({ tag, is_by_rule: true })));
  const [typed, setTyped] = useState("");
  useEffect(() => { get(`/customers/${id}/tags`).then((answer) => setTags(answer.items)).catch(() => {}); }, [seen]);
  const add = async (event) => {
    event.preventDefault();
    const tag = typed.trim();
    if (tag && (await attempt(() => put(`/customers/${id}/tags/${encodeURIComponent(tag)}`)))) { setTyped(""); await read(); }
  };
  const drop = (tag) => attempt(() => remove(`/customers/${id}/tags/${encodeURIComponent(tag)}`)).then(read);
  return html`
    <div class="customers-tags" data-testid="tags">
      ${tags.map((one) => html`
        <span class="pill ${one.is_by_rule ? "plain" : ""}" key=${one.tag} title=${one.is_by_rule ? t("by_rule") : undefined}>${one.tag}
          ${!one.is_by_rule && may("customers:write") && html`<button class="link" aria-label=${t("tag_remove", one)} onClick=${() => drop(one.tag)}>×</button>`}</span>`)}
      ${may("customers:write") && html`<form onSubmit=${add}><input aria-label=${t("tag_add")} placeholder=${t("tag_add")} maxlength="40" value=${typed} data-testid="tag-input" onInput=${(event) => setTyped(event.target.value)} /></form>`}
    </div>
  `;
}

export function Standing({ id, seen, read }) {
  const standing = seen.standing;
  const compute = () => attempt(() => post(`/customers/${id}/standing`)).then(read);
  const fact = (part) => (part.code === "persistence" ? `${Math.round(part.fact * 100)}%` : part.fact.toLocaleString());
  return html`
    <section class="card" data-testid="standing">
      <h3>${t("standing")} <span class="muted">${t("points_of", { points: standing.value_points })}</span></h3>
      ${standing.computed_at
        ? html`<table class="customers-parts"><tbody>${standing.value_parts.map((part) => html`<tr key=${part.code}><td>${t(`factor.${part.code}`)}</td><td class="number">${fact(part)}</td><td class="number"><strong>+${part.points}</strong></td></tr>`)}</tbody></table>
            <h4>${t("risk")}</h4>
            ${standing.risk_reasons.length ? standing.risk_reasons.map((one) => html`<span class="pill warn" key=${one.code}>${t(`reason.${one.code}`, one)} +${one.points}</span> `) : html`<p class="muted">${t("no_risk")}</p>`}`
        : html`<p class="muted">${t("no_standing")}</p>`}
      ${may("customers:write") && html`<button class="small quiet" onClick=${compute}>${t("compute")}</button>`}
    </section>
  `;
}

export function Family({ id, seen, read }) {
  const [typed, setTyped] = useState("");
  const [relation, setRelation] = useState("spouse");
  const add = async (event) => {
    event.preventDefault();
    const who = /^\d+$/.test(typed.trim()) ? { customer_id: Number(typed) } : { name: typed.trim() };
    if (await attempt(() => post(`/customers/${id}/family`, { relation, ...who }, newKey()))) { setTyped(""); await read(); }
  };
  const drop = (one) => confirm(t("confirm_remove", one)) && attempt(() => remove(`/customers/${id}/family/${one.id}`)).then(read);
  return html`
    <section class="card" data-testid="family">
      <h3>${t("family")}</h3>
      ${!seen.family.length && html`<p class="muted">${t("no_family")}</p>`}
      <ul class="customers-list">${seen.family.map((one) => html`<li key=${one.id}><span>${one.customer_id ? html`<a href="#customers/${one.customer_id}">${one.name}</a>` : one.name} <span class="muted">${t(`relation.${one.relation}`)}</span></span>${may("customers:write") && html`<button class="link" onClick=${() => drop(one)}>${t("remove")}</button>`}</li>`)}</ul>
      ${may("customers:write") && html`<form class="toolbar" onSubmit=${add}>
        <select aria-label=${t("family")} value=${relation} onChange=${(event) => setRelation(event.target.value)}>${RELATIONS.map((one) => html`<option value=${one}>${t(`relation.${one}`)}</option>`)}</select>
        <input class="customers-short" required maxlength="100" aria-label=${t("relative_name")} placeholder=${t("relative_name")} value=${typed} onInput=${(event) => setTyped(event.target.value)} />
        <button class="small">${t("add")}</button></form>`}
    </section>
  `;
}

export function Accounts({ id, seen }) {
  const [items, setItems] = useState(null);
  useEffect(() => { get(`/customers/${id}/payment-accounts`).then((answer) => setItems(answer.items)).catch(() => setItems([])); }, [seen]);
  return html`
    <section class="card"><h3>${t("accounts")}</h3>
      ${items?.length === 0 && html`<p class="muted">${t("no_accounts")}</p>`}
      <ul class="customers-list">${(items ?? []).map((one) => html`<li key=${one.id}><span>${one.bank ?? ""} <${Masked} id=${id} field="payment_account" account=${one.id}>${one.account_masked.replace(/^\*+/, "•••• ")}<//> <span class="muted">${one.holder_name}${one.policy_number && ` · ${t("for_policy", { number: one.policy_number })}`}</span></span></li>`)}</ul>
    </section>
  `;
}

export function Channels({ seen }) {
  return html`
    <section class="card"><h3>${t("channels")}</h3>
      ${!seen.channels.length && html`<p class="muted">${t("no_channels")}</p>`}
      <ul class="customers-list">${seen.channels.map((one) => html`<li><span>${zone(one.channel)} <span class="muted">${t("expires", { date: dayOf(one.expires_at) })}</span></span>${one.is_stopped && html`<span class="pill bad">${t("stopped")}</span>`}</li>`)}</ul>
    </section>
  `;
}

export function Consents({ seen }) {
  if (!seen.consents) return null;
  return html`
    <section class="card"><h3>${t("consents")}</h3>
      <ul class="customers-list">${seen.consents.map((one) => html`<li><span>${t(`purpose.${one.purpose}`)}${one.channel ? ` · ${zone(one.channel)}` : ""} ${!one.recorded_at && html`<span class="muted">${t("by_default")}</span>`}</span><span class="pill ${one.given ? "good" : "plain"}">${t(one.given ? "given" : "refused")}</span></li>`)}</ul>
    </section>
  `;
}
