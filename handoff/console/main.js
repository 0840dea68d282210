// The console: sign-in, or the desk.
import { effect, html, render, useEffect } from "/static/vendor/preact.js";
import { listenForMessages } from "/static/console/alerts.js";
import { Conversation } from "/static/console/conversation.js";
import { Customer } from "/static/console/customer.js";
import { Help } from "/static/console/help.js";
import { unread, waiting } from "/static/console/lists.js";
import { start } from "/static/console/live.js";
import { MoveDialog } from "/static/console/move_dialogs.js";
import { ResolveDialog } from "/static/console/resolve.js";
import { listenForRinging, Ringing } from "/static/console/ringing.js";
import { isDesk, Section, SectionRail } from "/static/console/sections.js";
import { listen, panel } from "/static/console/shortcuts.js";
import { SignIn } from "/static/console/sign_in.js";
import { followAllowance } from "/static/console/states.js";
import { currentNumber, me, whoAmI } from "/static/console/store.js";
import { loadTeam } from "/static/console/team.js";
import { language, setLanguage, t } from "/static/console/texts.js";
import "/static/console/theme.js";
import { Tickets } from "/static/console/tickets.js";
import { showToasts } from "/static/console/toasts.js";
import { Top } from "/static/console/top.js";

function useTitle() {
  const count = unread.value + waiting.value;
  useEffect(() => {
    document.title = `${count ? `(${count}) ` : ""}${t("app")}`;
  }, [count, language.value]);
}

function Desk() {
  useTitle();
  if (!isDesk.value) {
    return html`<div class="desk beside"><${Top} /><${SectionRail} /><div class="under-top"><${Ringing} /><${Section} /></div></div><${Help} />`;
  }
  const view = currentNumber.value ? "with-ticket" : "without-ticket";
  return html`
    <div class="desk ${view} ${panel.value ? "with-customer" : "without-customer"}">
      <${Top} />
      <${SectionRail} />
      <${Ringing} />
      <${Tickets} />
      <${Conversation} />
      ${panel.value && html`<div class="veil" onClick=${() => (panel.value = false)}></div>`}
      <${Customer} />
    </div>
    <${ResolveDialog} />
    <${MoveDialog} />
    <${Help} />
  `;
}

function Console() {
  if (me.value === undefined) return html`<p class="page-loading">${t("loading")}</p>`;
  return me.value ? html`<${Desk} />` : html`<${SignIn} />`;
}

setLanguage(language.value);
render(html`<${Console} />`, document.getElementById("console"));
showToasts();
start();
listen();
listenForRinging();
listenForMessages();
followAllowance();
effect(() => {
  if (me.value) loadTeam().catch(() => {}); // names only; the dialogs ask again
});
whoAmI();
