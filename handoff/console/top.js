// The bar at the top: who is here, how the page is connected, and its switches.
import { html } from "/static/vendor/preact.js";
import { askPermission, isMuted, permission, setMuted } from "/static/console/alerts.js";
import { Icon } from "/static/console/icons.js";
import { colleagues, connection, presence, setPresence } from "/static/console/live.js";
import { Menu } from "/static/console/menu.js";
import { showsHelp } from "/static/console/shortcuts.js";
import { Mark } from "/static/console/sign_in.js";
import { me, signOut } from "/static/console/store.js";
import { language, setLanguage, t } from "/static/console/texts.js";
import { nextTheme, theme } from "/static/console/theme.js";

const THEME_ICONS = { auto: "half", light: "sun", dark: "moon" };

function IconButton({ name, label, ...rest }) {
  return html`<button class="quiet icon" title=${label} aria-label=${label} ...${rest}><${Icon} name=${name} /></button>`;
}

function Colleagues() {
  const others = colleagues.value.filter((agent) => agent.id !== me.value.id);
  if (!others.length) return null;
  const names = t("top.colleagues", { names: others.map((agent) => agent.name).join(language.value === "zh" ? "、" : ", ") });
  return html`
    <div class="colleagues" role="img" aria-label=${names} title=${names}>
      ${others.slice(0, 5).map((agent) => html`<span class="avatar ${agent.state}" key=${agent.id}>${initial(agent.name)}</span>`)}
      ${others.length > 5 && html`<span class="avatar">+${others.length - 5}</span>`}
    </div>
  `;
}

/** What stands for a name: the last character of a Chinese one, the first letter of another. */
export const initial = (name) => (/[\u3400-\u9fff]/.test(name) ? name.at(-1) : name.charAt(0).toUpperCase());

function Presence() {
  const state = presence.value;
  const other = state === "available" ? "away" : "available";
  const label = t("presence.label", { state: t(`presence.${state}`) });
  return html`
    <button class="quiet presence" data-testid="presence" data-state=${state} aria-label=${label} title=${label} onClick=${() => setPresence(other)}>
      <span class="dot ${state}"></span>
      <span class="presence-name">${me.value.name}</span>
      <span class="muted presence-state">${t(`presence.${state}`)}</span>
    </button>
  `;
}

function Connection() {
  const state = connection.value;
  return html`
    <span class="connection ${state}" role="status" title=${t(`top.${state}_hint`)}>
      <span class="dot"></span>${t(`top.${state}`)}
    </span>
  `;
}

function Alerts() {
  const state = permission.value;
  const items = [
    { id: "sound", icon: "bell", label: t("alerts.sound"), checked: !isMuted.value, act: () => setMuted(!isMuted.value) },
    { id: "desktop", icon: "screen", label: t(`alerts.desktop_${state}`), checked: state === "granted", isOff: state !== "default", act: askPermission },
  ];
  return html`<${Menu} id="alerts" icon=${isMuted.value ? "bell_off" : "bell"} label=${t(isMuted.value ? "alerts.muted" : "alerts.label")} items=${items} />`;
}

export function Top() {
  const other = language.value === "zh" ? "en" : "zh";
  return html`
    <header class="top">
      <h1 class="brand"><${Mark} /><span>${t("brand")}</span></h1>
      <span class="space"></span>
      <${Connection} />
      <${Colleagues} />
      <${Presence} />
      <span class="divider"></span>
      <button class="quiet small" aria-label=${t("top.language_label")} onClick=${() => setLanguage(other)}>${t("top.language")}</button>
      <${Alerts} />
      <${IconButton} name=${THEME_ICONS[theme.value]} label=${t(`top.theme_${theme.value}`)} onClick=${nextTheme} />
      <${IconButton} name="keys" label=${t("top.help")} onClick=${() => (showsHelp.value = true)} />
      <${IconButton} name="out" label=${t("sign_in.out")} onClick=${signOut} />
    </header>
  `;
}
