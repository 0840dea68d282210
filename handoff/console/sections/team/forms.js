// Adding a colleague, and managing one: role, skills, sign-in.
import { html, useState } from "/static/vendor/preact.js";
import { post, put, remove } from "/static/console/api.js";
import { Dialog } from "/static/console/resolve.js";
import { translator } from "/static/console/texts.js";
import { useWrong } from "/static/console/wrong.js";
import { attempt, browserName, Loaded, moment, Secret, Select, useRead } from "/static/console/sections/kit.js";
import { texts } from "/static/console/sections/team/texts.js";

const t = translator(texts);
const ROLES = ["agent", "supervisor", "admin", "auditor"];
const SKILLS = ["claims", "policy_service", "complaints"];
const LANGUAGES = ["zh", "en"];

function Several({ legend, options, words, value, onChange }) {
  const toggle = (one) => onChange(value.includes(one) ? value.filter((other) => other !== one) : [...value, one]);
  return html`
    <fieldset class="team-several"><legend>${legend}</legend>
      ${options.map((one) => html`<label class="check" key=${one}><input type="checkbox" checked=${value.includes(one)} onChange=${() => toggle(one)} />${t(`${words}.${one}`)}</label>`)}
    </fieldset>
  `;
}

/** Skills are names of groups: the usual three, and any others that the insurer has. */
function Skills({ value, onChange, wrong }) {
  const others = value.filter((one) => !SKILLS.includes(one));
  const [typed, setTyped] = useState(others.join(", "));
  const known = value.filter((one) => SKILLS.includes(one));
  const type = (event) => {
    setTyped(event.target.value);
    onChange([...known, ...event.target.value.split(/[,，\s]+/).filter(Boolean)]);
  };
  return html`
    <${Several} legend=${t("skills")} options=${SKILLS} words="skill" value=${known} onChange=${(to) => onChange([...to, ...others])} />
    <label class="field"><span>${t("more_skills")}</span><input maxlength="200" value=${typed} onInput=${type} ...${wrong.at("skills")} />${wrong.words("skills")}</label>
  `;
}

/** `made` hears of a new password, to be shown once. */
export function MemberForm({ member, onClose, onDone, made }) {
  const [draft, setDraft] = useState(
    member
      ? { name: member.name, role: member.role, skills: member.skills, languages: member.languages, is_active: member.is_active }
      : { username: "", name: "", role: "agent", skills: [], languages: ["zh"] },
  );
  const [isBusy, setBusy] = useState(false);
  const wrong = useWrong(["username", "name", "role", "skills", "languages"], { username_taken: "username" });
  const set = (name) => (value) => setDraft({ ...draft, [name]: value });
  const type = (name) => (event) => set(name)(event.target.value);
  const save = async (event) => {
    event.preventDefault();
    setBusy(true);
    const send = () => (member ? put(`/agents/${member.id}`, { ...draft, version: member.version }) : post("/agents", draft));
    const done = await attempt(texts, send, member ? t("saved") : t("added", { name: draft.name }), wrong);
    setBusy(false);
    if (!done) return;
    if (done.password) made({ title: t("password_once"), password: done.password, username: done.username });
    else onDone();
  };
  return html`
    <${Dialog} title=${member ? t("edit_title", { name: member.name }) : t("new_title")} onClose=${onClose}>
      <form onSubmit=${save}>
        ${!member && html`<label class="field"><span>${t("username")}</span><input required pattern="[a-z][a-z0-9._\\-]{1,49}" autocomplete="off" data-testid="member-username" value=${draft.username} onInput=${type("username")} ...${wrong.at("username")} />${wrong.words("username")}<small class="hint">${t("username_hint")}</small></label>`}
        <label class="field"><span>${t("name")}</span><input required maxlength="100" data-testid="member-name" value=${draft.name} onInput=${type("name")} ...${wrong.at("name")} />${wrong.words("name")}</label>
        <label class="field"><span>${t("role_name")}</span><${Select} value=${draft.role} onChange=${set("role")} testid="member-role" options=${ROLES.map((one) => [one, t(`role.${one}`)])} /></label>
        <${Skills} value=${draft.skills} onChange=${set("skills")} wrong=${wrong} />
        <${Several} legend=${t("languages")} options=${LANGUAGES} words="language" value=${draft.languages} onChange=${set("languages")} />${wrong.words("languages")}
        ${member && html`<label class="check"><input type="checkbox" checked=${draft.is_active} data-testid="member-active" onChange=${(event) => set("is_active")(event.target.checked)} />${t("is_active")}</label><p class="muted team-hint">${t("is_active_hint")}</p>`}
        <footer><button type="button" onClick=${onClose}>${t("cancel")}</button><button class="primary" data-testid="member-save" disabled=${isBusy}>${t("save")}</button></footer>
      </form>
      ${member && html`<${Safety} member=${member} made=${made} />`}
    <//>
  `;
}

function Safety({ member, made }) {
  const sessions = useRead(`/agents/${member.id}/sessions`);
  const reset = async () => {
    if (!confirm(t("reset_sure", { name: member.name }))) return;
    const done = await attempt(texts, () => post(`/agents/${member.id}/password`));
    if (done) made({ title: t("reset_done"), password: done.password, username: member.username });
  };
  const end = async () => {
    if (!confirm(t("end_sure", { name: member.name }))) return;
    await attempt(texts, () => remove(`/agents/${member.id}/sessions`), t("ended"));
    sessions.read();
  };
  return html`
    <section class="team-safety"><h3>${t("safety")}</h3>
      <h4>${t("sessions")}</h4>
      <${Loaded} state=${sessions}>${({ items }) => html`
        ${!items.length && html`<p class="muted">${t("sessions_none")}</p>`}
        <ul class="lines" data-testid="member-sessions">${items.map((one) => html`<li key=${one.id}><span title=${one.browser}>${browserName(one.browser)}</span><span class="muted">${t("session_since", { when: moment(one.created_at) })}</span></li>`)}</ul>`}<//>
      <div class="toolbar">
        <button type="button" class="small" data-testid="member-reset" onClick=${reset}>${t("reset")}</button>
        ${sessions.data?.items.length > 0 && html`<button type="button" class="small" data-testid="member-end" onClick=${end}>${t("end_sessions")}</button>`}
      </div>
    </section>
  `;
}

export function PasswordOnce({ shown, onClose }) {
  return html`
    <${Dialog} title=${shown.title} onClose=${onClose} isKept>
      <form onSubmit=${(event) => (event.preventDefault(), onClose())}>
        <p class="digits">${shown.username}</p>
        <${Secret} value=${shown.password} hint=${t("password_hint")} testid="member-password" />
        <footer><button class="primary" data-testid="password-noted">${t("understood")}</button></footer>
      </form>
    <//>
  `;
}
