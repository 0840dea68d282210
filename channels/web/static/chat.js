// The page: header, conversation, composer.

import { effect, html, render, useEffect, useLayoutEffect, useRef, useState } from "/static/vendor/preact.js";
import { isLoaded, items, say, status, typing } from "./connection.js";
import { Composer } from "./composer.js";
import { Header } from "./header.js";
import { language, t } from "./language.js";
import { Group, QuickReplies, Typing, Welcome } from "./parts.js";
import { groups, openReplies } from "./messages.js";

function Banner() {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    // A blink of the connection is nobody's business.
    setLong(false);
    if (status.value !== "offline") return;
    const timer = setTimeout(() => setLong(true), 1200);
    return () => clearTimeout(timer);
  }, [status.value]);
  return html`<div role="status" class="banner" hidden=${!isLong}>${isLong ? t("offline") : ""}</div>`;
}

function Conversation() {
  const list = useRef(null);
  const isAtEnd = useRef(true);
  const [hasNew, setNew] = useState(false);
  const toEnd = () => list.current.scrollTo({ top: list.current.scrollHeight });
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = list.current;
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 80;
    if (isAtEnd.current) setNew(false);
  };
  const last = items.value.at(-1);
  useLayoutEffect(() => {
    if (!last) return;
    if (isAtEnd.current || last.direction === "in") toEnd();
    else setNew(true);
  }, [last?.message_id, typing.value, isLoaded.value]);
  useEffect(() => {
    const observer = new ResizeObserver(() => items.value.length && isAtEnd.current && toEnd());
    observer.observe(list.current);
    return () => observer.disconnect();
  }, []);
  return html`
    <main class="conversation" ref=${list} onScroll=${onScroll} tabindex="0" aria-label=${t("conversation")}>
      <div class="column">
        <${Welcome} isQuiet=${items.value.length > 0} />
        <div role="log" aria-live="polite" aria-relevant="additions" aria-label=${t("conversation")}>
          ${groups(items.value).map((group) => html`<${Group} key=${group.items[0].direction + group.items[0].message_id} group=${group} />`)}
        </div>
        <${Typing} />
        <${QuickReplies} replies=${openReplies(items.value)} onChoose=${(reply) => say(reply.payload, reply.title)} />
      </div>
      ${hasNew && html`<button type="button" class="to-end" onClick=${toEnd}>↓ ${t("new_messages")}</button>`}
    </main>`;
}

function Chat() {
  return html`
    <a class="skip" href="#composer">${t("skip")}</a>
    <div class="chat">
      <${Header} />
      <${Banner} />
      <${Conversation} />
      <${Composer} />
    </div>`;
}

document.documentElement.classList.toggle("embedded", new URLSearchParams(location.search).get("embed") === "1");
effect(() => {
  document.documentElement.lang = language.value;
  document.title = `${t("company")} · ${t("service")}`;
});
render(html`<${Chat} />`, document.getElementById("chat"));
