// <script src="https://…/widget.js" defer></script> adds the web chat to a page.
// data-language="zh-Hans|zh-Hant|en", data-side="left|right" and data-label on the tag are optional.
// Everything lives in a shadow root: the page's styles and ours leave each other alone.
(() => {
  const tag = document.currentScript;
  if (!tag || document.querySelector("anda-chat")) return;
  const origin = new URL(tag.src).origin;
  const language = tag.dataset.language || document.documentElement.lang || navigator.language;
  const labels = /^zh.*(hant|tw|hk|mo)/i.test(language) ? ["線上客服", "關閉對話"] : /^zh/i.test(language) ? ["在线客服", "关闭对话"] : ["Chat with us", "Close chat"];
  const [open, close] = [tag.dataset.label ?? labels[0], labels[1]];

  const host = document.createElement("anda-chat");
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  const side = tag.dataset.side === "left" ? "left" : "right";
  sheet.replaceSync(`
    :host { all: initial; position: fixed; ${side}: 20px; bottom: 20px; z-index: 2147483000; font: 500 15px/1.4 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; }
    button { position: relative; display: flex; align-items: center; gap: 8px; min-height: 52px; padding: 0 20px; border: 0; border-radius: 26px; background: #0f5e5a; color: #fff; font: inherit; cursor: pointer; box-shadow: 0 6px 24px rgb(8 40 36 / 30%); }
    button:hover { background: #0b4a47; }
    button:focus-visible { outline: 3px solid #0f5e5a; outline-offset: 3px; }
    svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    b { position: absolute; top: -6px; ${side}: -4px; min-width: 22px; padding: 0 6px; border-radius: 11px; background: #b3261e; font-size: 13px; line-height: 22px; text-align: center; }
    b[hidden], iframe[hidden] { display: none; }
    iframe { position: fixed; ${side}: 20px; bottom: 84px; width: min(400px, calc(100vw - 40px)); height: min(680px, calc(100vh - 108px)); border: 0; border-radius: 20px; background: Canvas; box-shadow: 0 12px 48px rgb(8 40 36 / 30%); }
    @media (max-width: 480px) { iframe { inset: 0; width: 100vw; height: calc(100dvh - 72px); border-radius: 0; } :host { ${side}: 12px; bottom: 10px; } }
  `);
  root.adoptedStyleSheets = [sheet];

  const frame = document.createElement("iframe");
  frame.title = open;
  frame.hidden = true;
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z");
  icon.append(path);
  const label = document.createElement("span");
  label.textContent = open;
  const unread = document.createElement("b");
  unread.hidden = true;
  button.append(icon, label, unread);
  root.append(frame, button);

  const toggle = () => {
    frame.hidden = !frame.hidden;
    // Loaded on first use: a page that nobody chats on pays nothing.
    if (!frame.src) frame.src = `${origin}/?embed=1&language=${encodeURIComponent(language)}`;
    label.textContent = frame.hidden ? open : close;
    button.setAttribute("aria-expanded", String(!frame.hidden));
    unread.hidden = true;
    if (!frame.hidden) frame.focus();
  };
  button.addEventListener("click", toggle);
  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== origin || event.data?.type !== "anda:unread") return;
    unread.hidden = !frame.hidden || !event.data.count;
    unread.textContent = Math.min(event.data.count, 99);
  });
  document.body.append(host);
})();
