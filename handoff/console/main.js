// The console: sign-in, or the desk.
import { html, render, useEffect } from "/static/vendor/preact.js";
import { Conversation } from "/static/console/conversation.js";
import { Customer } from "/static/console/customer.js";
import { Help } from "/static/console/help.js";
import { start } from "/static/console/live.js";
import { ResolveDialog } from "/static/console/resolve.js";
import { isDesk, Section } from "/static/console/sections.js";
import { listen, panel } from "/static/console/shortcuts.js";
import { SignIn } from "/static/console/sign_in.js";
import { currentNumber, lists, me, whoAmI } from "/static/console/store.js";
import { language, setLanguage, t } from "/static/console/texts.js";
import "/static/console/theme.js";
import { Tickets } from "/static/console/tickets.js";
import { Toasts } from "/static/console/toasts.js";
import { Top } from "/static/console/top.js";

function Desk() {
  const unread = lists.value.mine?.items.reduce((sum, row) => sum + row.unread, 0) ?? 0;
  const waiting = lists.value.queue?.items.length ?? 0;
  useEffect(() => {
    document.title = `${unread + waiting ? `(${unread + waiting}) ` : ""}${t("app")}`;
  }, [unread, waiting, language.value]);
  if (!isDesk.value) {
    return html`<div class="desk beside"><${Top} /><${Section} /></div><${Help} />`;
  }
  const view = currentNumber.value ? "with-ticket" : "without-ticket";
  return html`
    <div class="desk ${view} ${panel.value ? "with-customer" : "without-customer"}">
      <${Top} />
      <${Tickets} />
      <${Conversation} />
      ${panel.value && html`<div class="veil" onClick=${() => (panel.value = false)}></div>`}
      <${Customer} />
    </div>
    <${ResolveDialog} />
    <${Help} />
  `;
}

function Console() {
  if (me.value === undefined) return html`<p class="page-loading">${t("loading")}</p>`;
  return html`${me.value ? html`<${Desk} />` : html`<${SignIn} />`}<${Toasts} />`;
}

setLanguage(language.value);
render(html`<${Console} />`, document.getElementById("console"));
start();
listen();
whoAmI();
