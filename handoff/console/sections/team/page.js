// The team: who is here and what they do; administrators add and manage colleagues.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { me } from "/static/console/session.js";
import { translator } from "/static/console/texts.js";
import { Loaded, may, useRead } from "/static/console/sections/kit.js";
import { MemberForm, PasswordOnce } from "/static/console/sections/team/forms.js";
import { texts } from "/static/console/sections/team/texts.js";

const t = translator(texts);
const EVERY = 15000;

function Here({ state }) {
  return html`<span class="team-here"><span class="dot ${state ?? ""}"></span>${t(`here.${state ?? "off"}`)}</span>`;
}

function Member({ member, capacity, open }) {
  const spoken = member.languages.map((one) => t(`language.${one}`)).join(" / ");
  return html`
    <tr data-testid="member-row" class=${member.is_active ? "" : "team-off"}>
      <td><strong>${member.name}</strong> ${member.id === me.value.id && html`<span class="pill plain">${t("you")}</span>`}<div class="muted digits">${member.username}</div></td>
      <td>${t(`role.${member.role}`)}${!member.is_active && html`<div><span class="pill bad">${t("inactive")}</span></div>`}</td>
      <td>${member.skills.length ? member.skills.map((one) => html`<span class="pill plain" key=${one}>${t(`skill.${one}`)}</span> `) : html`<span class="muted">${t("no_skills")}</span>`}<div class="muted">${spoken}</div></td>
      <td><${Here} state=${member.presence} /></td>
      <td class="number" title=${t("load_hint", { most: capacity })}>${t("load", { n: member.load, most: capacity })}</td>
      <td><span class="pill ${member.has_second_factor ? "good" : "plain"}">${t(`second_factor.${member.has_second_factor ? "yes" : "no"}`)}</span></td>
      ${open && html`<td><button class="small" data-testid="member-edit" onClick=${() => open(member)}>${t("edit")}</button></td>`}
    </tr>
  `;
}

export function Page() {
  const team = useRead("/agents");
  const [edited, setEdited] = useState(null);
  const [shown, setShown] = useState(null);
  const [withInactive, setWithInactive] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && team.read(), EVERY);
    return () => clearInterval(timer);
  }, []);
  const close = () => setEdited(null);
  const done = () => (close(), team.read());
  const made = (password) => (setShown(password), done());
  const isAdmin = may("agents:write");
  return html`
    <div class="page team">
      <header class="page-head"><h2>${t("sections.team")}</h2>${isAdmin && html`<button class="primary" data-testid="member-new" onClick=${() => setEdited({})}>${t("add")}</button>`}<p>${t("lead")}</p></header>
      <${Loaded} state=${team}>${({ items, capacity }) => html`
        ${items.some((one) => !one.is_active) && html`<label class="check"><input type="checkbox" checked=${withInactive} data-testid="with-inactive" onChange=${(event) => setWithInactive(event.target.checked)} />${t("show_inactive")}</label>`}
        <div class="table"><table>
          <thead><tr>${["name", "role", "skills", "here"].map((one) => html`<th key=${one}>${t(`column.${one}`)}</th>`)}<th class="number">${t("column.load")}</th><th>${t("column.safety")}</th>${isAdmin && html`<th></th>`}</tr></thead>
          <tbody>${items.filter((one) => one.is_active || withInactive).map((one) => html`<${Member} key=${one.id} member=${one} capacity=${capacity} open=${isAdmin && setEdited} />`)}</tbody>
        </table></div>`}<//>
      ${edited && html`<${MemberForm} key=${edited.id} member=${edited.id ? edited : null} onClose=${close} onDone=${done} made=${made} />`}
      ${shown && html`<${PasswordOnce} shown=${shown} onClose=${() => setShown(null)} />`}
    </div>
  `;
}
