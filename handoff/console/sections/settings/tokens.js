// Tokens of other systems: made with the rights they need, shown once, revoked.
import { html, useState } from "/static/vendor/preact.js";
import { post, remove } from "/static/console/api.js";
import { Dialog } from "/static/console/resolve.js";
import { me } from "/static/console/session.js";
import { translator } from "/static/console/texts.js";
import { tell } from "/static/console/toasts.js";
import { useWrong } from "/static/console/wrong.js";
import { attempt, Loaded, moment, Secret, useList } from "/static/console/sections/kit.js";
import { texts } from "/static/console/sections/settings/texts.js";

const t = translator(texts);
const NEVER = "tokens:write"; // who makes tokens is a person
const scopeName = (scope) => `${t(`tokens.area.${scope.split(":")[0]}`)} · ${t(`tokens.right.${scope.split(":")[1]}`)}`;

function Scopes({ chosen, choose }) {
  const offered = me.value.scopes.filter((one) => one.includes(":") && one !== NEVER);
  const areas = [...new Set(offered.map((one) => one.split(":")[0]))];
  const toggle = (scope) => choose(chosen.includes(scope) ? chosen.filter((one) => one !== scope) : [...chosen, scope]);
  return html`
    <fieldset class="settings-scopes"><legend>${t("tokens.scopes")}</legend>
      ${areas.map((area) => html`
        <div key=${area}><span>${t(`tokens.area.${area}`)}</span>
          ${offered.filter((one) => one.startsWith(`${area}:`)).map((scope) => html`<label class="check" key=${scope}><input type="checkbox" checked=${chosen.includes(scope)} data-testid="scope-${scope}" onChange=${() => toggle(scope)} />${t(`tokens.right.${scope.split(":")[1]}`)}</label>`)}
        </div>`)}
    </fieldset>
  `;
}

function Making({ onClose, onDone }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState([]);
  const [made, setMade] = useState(null);
  const wrong = useWrong(["name", "scopes"]);
  const make = async (event) => {
    event.preventDefault();
    if (made) return onClose();
    if (!scopes.length) return tell(t("tokens.choose_scopes"), "bad");
    const answer = await attempt(texts, () => post("/tokens", { name, scopes }), null, wrong);
    if (answer) {
      setMade(answer.token);
      onDone();
    }
  };
  return html`
    <${Dialog} title=${t(made ? "tokens.once" : "tokens.add")} onClose=${onClose} isKept=${Boolean(made)}>
      <form onSubmit=${make}>
        ${made ? html`<${Secret} value=${made} hint=${t("tokens.once_hint")} testid="token" />` : html`
          <label class="field"><span>${t("tokens.name")}</span><input required pattern="[a-z0-9][a-z0-9._\\-]{0,49}" autocomplete="off" data-testid="token-name" value=${name} onInput=${(event) => setName(event.target.value)} ...${wrong.at("name")} />${wrong.words("name")}<small class="hint">${t("tokens.name_hint")}</small></label>
          <${Scopes} chosen=${scopes} choose=${setScopes} />${wrong.words("scopes")}`}
        <footer>${!made && html`<button type="button" onClick=${onClose}>${t("cancel")}</button>`}<button class="primary" data-testid="token-make">${t(made ? "tokens.noted" : "tokens.make")}</button></footer>
      </form>
    <//>
  `;
}

function Row({ token, revoke }) {
  return html`
    <tr data-testid="token-row">
      <td><strong class="digits">${token.name}</strong><div class="muted">${t("tokens.made", { when: moment(token.created_at) })}</div></td>
      <td class="settings-pills">${token.scopes.map((one) => html`<span class="pill plain" key=${one} title=${one}>${scopeName(one)}</span>`)}</td>
      <td>${token.revoked_at ? html`<span class="pill plain">${t("tokens.revoked", { when: moment(token.revoked_at) })}</span>` : html`<span class="pill good">${t("tokens.active")}</span>`}</td>
      <td>${!token.revoked_at && html`<button class="small" data-testid="token-revoke" onClick=${() => revoke(token)}>${t("tokens.revoke")}</button>`}</td>
    </tr>
  `;
}

export function Tokens() {
  const list = useList("/tokens");
  const [isMaking, setMaking] = useState(false);
  const revoke = async (token) => {
    if (!confirm(t("tokens.revoke_sure", { name: token.name }))) return;
    await attempt(texts, () => remove(`/tokens/${token.id}`), t("tokens.revoked_done"));
    list.read();
  };
  return html`
    <div class="toolbar"><button class="primary" data-testid="token-new" onClick=${() => setMaking(true)}>${t("tokens.add")}</button></div>
    <${Loaded} state=${list}>${({ items }) => items.length === 0
      ? html`<div class="card empty"><strong>${t("tokens.none")}</strong>${t("tokens.none_hint")}</div>`
      : html`
        <div class="table"><table>
          <thead><tr>${["name", "scopes", "state"].map((one) => html`<th key=${one}>${t(`tokens.column.${one}`)}</th>`)}<th></th></tr></thead>
          <tbody>${items.map((one) => html`<${Row} key=${one.id} token=${one} revoke=${revoke} />`)}</tbody>
        </table></div>
        ${list.more && html`<button class="wide" onClick=${list.more}>${t("more")}</button>`}`}<//>
    ${isMaking && html`<${Making} onClose=${() => setMaking(false)} onDone=${list.read} />`}
  `;
}
