// <script src="https://…/widget.js" defer></script> adds the web chat to a page.
// data-language="zh-Hans|zh-Hant|en", data-side="left|right" and data-label on the tag are optional.
// window.AndaChat has open(), close() and toggle(); <anda-chat> fires anda:open, anda:close and anda:unread.
// Everything lives in a shadow root: the page's styles and ours leave each other alone.
(() => {
  const tag = document.currentScript;
  if (!tag || window.AndaChat) return;
  const origin = new URL(tag.src).origin;
  const language = tag.dataset.language || document.documentElement.lang || navigator.language;
  const REMEMBERED = "anda.chat";
  const STARTS_WITHIN = 15_000;
  const TEXTS = {
    hans: { open: "在线客服", close: "关闭对话", unread: "条新消息", failed: "对话没能打开。", instead: "在新窗口打开" },
    hant: { open: "線上客服", close: "關閉對話", unread: "則新訊息", failed: "對話沒能開啟。", instead: "在新視窗開啟" },
    en: { open: "Chat with us", close: "Close chat", unread: "new messages", failed: "The chat could not be opened.", instead: "Open it in a new window" },
  };
  const t = TEXTS[/^zh.*(hant|tw|hk|mo)/i.test(language) ? "hant" : /^zh/i.test(language) ? "hans" : "en"];
  const openLabel = tag.dataset.label || t.open;
  const side = tag.dataset.side === "left" ? "left" : "right";
  const isPhone = matchMedia("(max-width: 480px), (max-height: 480px)");

  const STYLE = `
    :host { all: initial; position: fixed; ${side}: 20px; bottom: 20px; z-index: 2147483000; font: 500 15px/1.4 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; color-scheme: light dark; }
    [hidden] { display: none !important; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    button { position: relative; display: flex; align-items: center; gap: 8px; min-height: 52px; padding: 0 20px; border: 1px solid #ffffff40; border-radius: 26px; background: #0f5e5a; color: #fff; font: inherit; cursor: pointer; box-shadow: 0 6px 24px rgb(8 40 36 / 30%); }
    button:hover { background: #0b4a47; }
    button:focus-visible { outline: 3px solid #0f5e5a; outline-offset: 3px; box-shadow: 0 0 0 3px #fff, 0 6px 24px rgb(8 40 36 / 30%); }
    svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    b { position: absolute; top: -8px; ${side === "left" ? "right" : "left"}: -6px; min-width: 24px; padding: 0 6px; box-sizing: border-box; border: 2px solid #fff; border-radius: 13px; background: #b3261e; font-size: 13px; line-height: 22px; text-align: center; }
    section { position: fixed; ${side}: 20px; bottom: 84px; width: min(400px, calc(100vw - 40px)); height: min(700px, calc(100vh - 108px)); border-radius: 20px; overflow: hidden; background: Canvas; color: CanvasText; box-shadow: 0 0 0 1px rgb(8 40 36 / 12%), 0 12px 48px rgb(8 40 36 / 30%); animation: rise .18s ease-out; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    .failed { display: grid; gap: 8px; place-content: center; height: 100%; padding: 24px; text-align: center; }
    .failed p { margin: 0; }
    a { color: LinkText; }
    @keyframes rise { from { opacity: 0; transform: translateY(12px); } }
    @media (max-width: 480px), (max-height: 480px) {
      :host { ${side}: 12px; bottom: max(12px, env(safe-area-inset-bottom)); }
      section { inset: 0; width: 100%; height: 100%; height: 100dvh; border-radius: 0; box-shadow: none; }
      section:not([hidden]) + button { display: none; }
    }
    @media (prefers-reduced-motion: reduce) { section { animation: none; } }
  `;

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  const icon = () => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z");
    svg.append(path);
    return svg;
  };

  const host = document.createElement("anda-chat");
  const frame = make("iframe", { title: openLabel });
  const panel = make("section", { id: "panel", "aria-label": openLabel, hidden: "" }, frame);
  const label = make("span", {}, openLabel);
  const badge = make("b", { hidden: "", "aria-hidden": "true" });
  const spoken = make("span", { class: "unseen", role: "status" });
  const button = make("button", { type: "button", "aria-expanded": "false", "aria-controls": "panel" }, icon(), label, badge);
  const isOpen = () => !panel.hidden;
  let hasStarted = false;
  let pageOverflow = "";

  // A page may forbid storage: then nothing is remembered.
  const remember = (state) => {
    try {
      sessionStorage.setItem(REMEMBERED, state);
    } catch {}
  };
  const remembered = () => {
    try {
      return sessionStorage.getItem(REMEMBERED);
    } catch {
      return null;
    }
  };

  // Loaded on first use: a page that nobody chats on pays nothing.
  const load = () => {
    if (frame.src) return;
    frame.src = `${origin}/?embed=1&language=${encodeURIComponent(language)}`;
    setTimeout(() => hasStarted || fail(), STARTS_WITHIN);
  };

  // Blocked by a policy, or out of reach: the chat has an address of its own.
  const fail = () => {
    const link = make("a", { href: `${origin}/`, target: "_blank", rel: "noopener" }, t.instead);
    const hadFocus = document.activeElement === host;
    panel.replaceChildren(make("div", { class: "failed" }, make("p", {}, t.failed), link));
    if (hadFocus) link.focus();
  };

  const show = (open, takeFocus = true) => {
    if (open === isOpen()) return;
    if (open) load();
    panel.hidden = !open;
    label.textContent = open ? t.close : openLabel;
    button.setAttribute("aria-expanded", String(open));
    count(0);
    lockPage(open && isPhone.matches);
    remember(open ? "open" : "closed");
    if (open && takeFocus) enter();
    if (!open && takeFocus) button.focus();
    host.dispatchEvent(new CustomEvent(open ? "anda:open" : "anda:close"));
  };

  const enter = () => {
    frame.focus();
    frame.contentWindow?.postMessage({ type: "anda:opened" }, origin);
  };

  // Behind a chat that fills the screen nothing scrolls.
  const lockPage = (isLocked) => {
    const { style } = document.documentElement;
    if (isLocked) pageOverflow = style.overflow;
    style.overflow = isLocked ? "hidden" : pageOverflow;
  };

  const count = (unread) => {
    badge.hidden = !unread;
    badge.textContent = String(Math.min(unread, 99));
    spoken.textContent = unread ? `${unread} ${t.unread}` : "";
    host.dispatchEvent(new CustomEvent("anda:unread", { detail: { count: unread } }));
  };

  const heard = {
    "anda:ready": () => {
      hasStarted = true;
      if (isOpen() && document.activeElement === host) enter();
    },
    "anda:unread": (data) => isOpen() || count(Number(data.count) || 0),
    "anda:close": () => show(false),
  };

  const begin = () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(panel, button, spoken);
    button.addEventListener("click", () => show(!isOpen()));
    root.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
    isPhone.addEventListener("change", () => lockPage(isOpen() && isPhone.matches));
    addEventListener("message", (event) => {
      if (event.source === frame.contentWindow && event.origin === origin) heard[event.data?.type]?.(event.data);
    });
    document.body.append(host);
    // Who chatted on the page before goes on, and hears of answers.
    if (remembered()) load();
    if (remembered() === "open" && !isPhone.matches) show(true, false);
  };

  window.AndaChat = { open: () => show(true), close: () => show(false), toggle: () => show(!isOpen()) };
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
})();
