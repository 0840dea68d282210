// The page: header, conversation, composer.

import { effect, html, render, useEffect, useLayoutEffect, useRef, useState } from "/static/vendor/preact.js";
import { DropZone } from "./attach.js";
import { Group, Typing } from "./bubbles.js";
import { Composer } from "./composer.js";
import { tellFrame } from "./connection.js";
import { Header } from "./header.js";
import { language, t } from "./language.js";
import { groups, openReplies } from "./messages.js";
import { say } from "./outbox.js";
import { isAtEnd, isLoaded, items, notice, status, typing } from "./state.js";
import { QuickReplies, Welcome } from "./welcome.js";

const isEmbedded = new URLSearchParams(location.search).get("embed") === "1";

function Banner() {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    // A blink of the connection is nobody's business.
    setLong(false);
    if (status.value !== "offline") return;
    const timer = setTimeout(() => setLong(true), 1200);
    return () => clearTimeout(timer);
  }, [status.value]);
  const key = isLong ? "offline" : notice.value;
  return html`
    <div role="status" class="banner" hidden=${!key} data-testid="notice">
      ${key && html`<span>${t(key)}</span>`}
      ${key && !isLong && html`<button type="button" class="link" onClick=${() => (notice.value = null)}>${t("understood")}</button>`}
    </div>`;
}

// The button that was pressed is gone: the keyboard goes on at the text; a phone's keyboard stays away.
const isTouch = () => matchMedia("(pointer: coarse)").matches;
function moveOn() {
  document.querySelector(isTouch() ? ".conversation" : "#composer").focus({ preventScroll: true });
}

function choose(reply) {
  say(reply.payload, reply.title);
  moveOn();
}

function useEndInView(list) {
  const [hasNew, setNew] = useState(false);
  const toEnd = () => list.current.scrollTo({ top: list.current.scrollHeight });
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = list.current;
    isAtEnd.value = scrollHeight - scrollTop - clientHeight < 80;
    if (isAtEnd.value) setNew(false);
  };
  const last = items.value.at(-1);
  useLayoutEffect(() => {
    if (!last) return;
    if (isAtEnd.peek() || last.direction === "in") toEnd();
    else setNew(true);
  }, [last?.message_id, typing.value, isLoaded.value]);
  useEffect(() => {
    const observer = new ResizeObserver(() => items.value.length && isAtEnd.peek() && toEnd());
    observer.observe(list.current);
    observer.observe(list.current.firstElementChild);
    return () => observer.disconnect();
  }, []);
  return [hasNew, toEnd, onScroll];
}

function Conversation() {
  const list = useRef(null);
  const [hasNew, toEnd, onScroll] = useEndInView(list);
  const keyOf = (group) => group.items[0].direction + group.items[0].message_id;
  return html`
    <main class="conversation" ref=${list} onScroll=${onScroll} tabindex="0" aria-label=${t("conversation")}>
      <div class="column">
        <${Welcome} isQuiet=${items.value.length > 0} onChosen=${moveOn} />
        <div role="log" aria-live=${isLoaded.value ? "polite" : "off"} aria-relevant="additions" aria-label=${t("messages")}>
          ${groups(items.value).map((group) => html`<${Group} key=${keyOf(group)} group=${group} />`)}
        </div>
        <${Typing} />
        <${QuickReplies} replies=${openReplies(items.value)} onChoose=${choose} />
      </div>
      ${hasNew && html`<button type="button" class="to-end" onClick=${toEnd}>↓ ${t("new_messages")}</button>`}
    </main>`;
}

function Chat() {
  return html`
    <a class="skip" href="#composer">${t("skip")}</a>
    <div class="chat">
      <${Header} isEmbedded=${isEmbedded} />
      <${Banner} />
      <${Conversation} />
      <${Composer} />
      <${DropZone} />
    </div>`;
}

document.documentElement.classList.toggle("embedded", isEmbedded);
effect(() => {
  document.documentElement.lang = language.value;
  document.title = `${t("company")} · ${t("service")}`;
});
render(html`<${Chat} />`, document.getElementById("chat"));

if (isEmbedded) {
  addEventListener("message", (event) => {
    if (event.source === window.parent && event.data?.type === "anda:opened" && !isTouch()) moveOn();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) tellFrame("close");
  });
  tellFrame("ready");
}
