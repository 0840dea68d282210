// The phone simulator: pick a person, use their WeChat and SMS.
import { html, render, useCallback, useEffect, useMemo, useState } from "/static/vendor/preact.js";
import { EMPTY, applyAll, asDataUrl, codeIn, follow, readPeople, sendSms, useWeChat } from "./phone.js";
import { PeoplePicker } from "./people.js";
import { HttpLog } from "./log.js";
import { TEXTS } from "./texts.js";
import { Thread, time } from "./thread.js";

const stored = (name, fallback) => {
  try {
    return localStorage.getItem(`anda.simulator.${name}`) ?? fallback;
  } catch {
    return fallback;
  }
};
const keep = (name, value) => {
  try {
    localStorage.setItem(`anda.simulator.${name}`, value);
  } catch {
    // Private windows may refuse; nothing depends on it.
  }
};
const isChinese = (person) => person.phone.startsWith("+86");
const homeApp = (person) => (isChinese(person) ? "wechat" : "sms");

function Composer({ draft, setDraft, onSend, t }) {
  const submit = (event) => {
    event.preventDefault();
    if (draft.trim()) onSend(draft.trim());
  };
  const onKeyDown = (event) => {
    // Enter that ends an input method's composition is not "send".
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  };
  return html`<form class="composer" onSubmit=${submit}>
    <textarea rows="1" data-testid="composer" aria-label=${t.say} placeholder=${t.say} value=${draft}
      onInput=${(event) => setDraft(event.target.value)} onKeyDown=${onKeyDown}></textarea>
    <button type="submit" class="send" data-testid="send" disabled=${!draft.trim()}>${t.send}</button>
  </form>`;
}

function AccountMenu({ menu, onTap }) {
  const [open, setOpen] = useState(null);
  const tap = (entry) => {
    setOpen(null);
    onTap(entry);
  };
  return html`<div class="account-menu">
    ${menu.map(
      (entry, index) => html`<div class="account-entry">
        ${open === index &&
        html`<div class="popup">
          ${entry.sub_button.map((leaf) => html`<button type="button" onClick=${() => tap(leaf)}>${leaf.name}</button>`)}
        </div>`}
        <button type="button" aria-expanded=${open === index}
          onClick=${() => (entry.sub_button ? setOpen(open === index ? null : index) : tap(entry))}>
          ${entry.sub_button ? "≡ " : ""}${entry.name}
        </button>
      </div>`,
    )}
  </div>`;
}

function PictureButton({ t, accept, onPicture }) {
  const pick = async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) onPicture(await asDataUrl(file));
  };
  return html`<label class="pick">${t.image}
    <input type="file" accept=${accept} data-testid="picture-file" onChange=${pick} />
  </label>`;
}

function WeChatExtras({ t, onUse }) {
  const voice = () => {
    const text = window.prompt(t.voicePrompt, "我的理赔到哪一步了");
    if (text !== null) onUse({ type: "voice", text });
  };
  return html`<div class="extras">
    <${PictureButton} t=${t} accept="image/*" onPicture=${(picture) => onUse({ type: "image", picture })} />
    <button type="button" data-testid="image" onClick=${() => onUse({ type: "image" })}>${t.sample}</button>
    <button type="button" data-testid="voice" onClick=${voice}>${t.voice}</button>
    <button type="button" data-testid="location" onClick=${() => onUse({ type: "location", text: t.locationText })}>
      ${t.location}
    </button>
    <button type="button" data-testid="scan" onClick=${() => onUse({ type: "scan", key: "report", text: t.scanned })}>${t.scan}</button>
    <button type="button" data-testid="follow" onClick=${() => onUse({ type: "follow" })}>${t.follow}</button>
    <button type="button" data-testid="unfollow" onClick=${() => onUse({ type: "unfollow" })}>${t.unfollow}</button>
  </div>`;
}

function SmsExtras({ t, onSend }) {
  return html`<div class="extras">
    <${PictureButton} t=${t} accept="image/*,application/pdf" onPicture=${(picture) => onSend([picture])} />
    <button type="button" data-testid="image" onClick=${() => onSend(["sample"])}>${t.sample}</button>
  </div>`;
}

function Banner({ message, t, onFill, onClose }) {
  const code = codeIn(message.text);
  return html`<div class="banner" role="status">
    <div class="banner-head"><span class="app-icon sms" aria-hidden="true"></span><b>${t.sms}</b>
      <time>${time(message.at)}</time>
      <button type="button" class="close" aria-label="×" onClick=${onClose}>×</button></div>
    <p>${message.text}</p>
    ${code &&
    html`<button type="button" class="code" data-testid="code" data-code=${code} onClick=${() => onFill(code)}>
      <span>${t.codeArrived} <b>${code}</b></span><span>${t.fill}</span>
    </button>`}
  </div>`;
}

function Phone({ person, app, setApp, menu, ourNumber, t, phone, trouble }) {
  const [draft, setDraft] = useState("");
  const [banner, setBanner] = useState(null);
  const [extras, setExtras] = useState(false);
  const [trial, setTrial] = useState(false);
  useEffect(() => setDraft(""), [person.id]);
  const latest = phone.sms.filter((m) => m.kind === "in").at(-1);
  useEffect(() => {
    // A code is worth showing even when it came before this phone was picked up.
    const isWorthy = latest && (codeIn(latest.text) || (app !== "sms" && latest.seq > phone.readUpTo));
    setBanner(isWorthy ? latest : null);
  }, [person.id, latest?.seq]);
  const guarded = async (work) => {
    try {
      await work();
      setTrial(false);
    } catch {
      setTrial(true);
    }
  };
  const send = (text) => {
    setDraft("");
    guarded(() => (app === "sms" ? sendSms(person, text) : useWeChat(person, { type: "text", text })));
  };
  const wechat = (use) => guarded(() => useWeChat(person, use));
  const fill = (code) => {
    navigator.clipboard?.writeText(code).catch(() => {});
    setDraft(code);
    setBanner(null);
  };
  const choose = (entry) => wechat({ type: "choice", id: entry.id, text: entry.title });
  const messages = phone[app];
  return html`<section class="phone ${app}" aria-label=${`${person.name} ${person.phone}`}>
    <div class="status-bar" aria-hidden="true"><span>${time(Date.now())}</span><span class="island"></span><span>5G ▮</span></div>
    ${banner && html`<${Banner} message=${banner} t=${t} onFill=${fill} onClose=${() => setBanner(null)} />`}
    <header class="title-bar">
      <b>${app === "wechat" ? t.account : ourNumber}</b>
      <small>${person.name} · ${person.phone}</small>
    </header>
    ${(trouble || trial) && html`<p class="trouble" role="alert">${t.offline}</p>`}
    ${app === "sms" && isChinese(person) && html`<p class="hint">${t.chinaSms}</p>`}
    <${Thread} messages=${messages} app=${app} t=${t} typing=${app === "wechat" && phone.typing} isNarrow=${extras} onChoice=${choose} />
    <div class="bottom">
      ${app === "wechat" &&
      html`<div class="tools">
        <button type="button" class="plus" aria-expanded=${extras} aria-label=${t.more} data-testid="more"
          onClick=${() => setExtras(!extras)}>+</button>
        <${AccountMenu} menu=${menu} onTap=${(entry) => wechat({ type: "menu", key: entry.key, text: entry.name })} />
      </div>`}
      ${app === "sms" &&
      html`<div class="tools">
        <button type="button" class="plus" aria-expanded=${extras} aria-label=${t.more} data-testid="more"
          onClick=${() => setExtras(!extras)}>+</button>
      </div>`}
      ${extras && app === "wechat" && html`<${WeChatExtras} t=${t} onUse=${wechat} />`}
      ${extras && app === "sms" && html`<${SmsExtras} t=${t} onSend=${(pictures) => guarded(() => sendSms(person, "", pictures))} />`}
      <${Composer} draft=${draft} setDraft=${setDraft} onSend=${send} t=${t} />
      <nav class="dock">
        ${["wechat", "sms"].map(
          (name) => html`<button type="button" class=${name === app ? "active" : ""} data-testid=${`app-${name}`}
            aria-pressed=${name === app} onClick=${() => setApp(name)}>
            <span class="app-icon ${name}" aria-hidden="true"></span>${t[name]}
          </button>`,
        )}
      </nav>
    </div>
  </section>`;
}

function usePeople() {
  const [state, setState] = useState({ items: [], menu: [] });
  useEffect(() => {
    let timer;
    const load = () =>
      readPeople().then(setState, () => {
        timer = setTimeout(load, 1500);
      });
    load();
    return () => clearTimeout(timer);
  }, []);
  return state;
}

function usePhone(person) {
  const [phone, setPhone] = useState(EMPTY);
  const [trouble, setTrouble] = useState(false);
  useEffect(() => {
    setPhone(EMPTY);
    if (!person) return undefined;
    return follow(person, (entries) => setPhone((old) => applyAll(old, entries)), setTrouble);
  }, [person?.id]);
  return [phone, trouble];
}

function Simulator() {
  const [language, setLanguage] = useState(stored("language", navigator.language.startsWith("zh") ? "zh" : "en"));
  const { items, menu, sms_number: ourNumber } = usePeople();
  const [personId, setPersonId] = useState(Number(stored("person", 0)));
  const person = useMemo(() => items.find((p) => p.id === personId) ?? items[0], [items, personId]);
  const [app, setApp] = useState(stored("app", "wechat"));
  const [phone, trouble] = usePhone(person);
  const t = TEXTS[language] ?? TEXTS.en;
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
    document.title = `Anda 安答 · ${t.title}`;
    keep("language", language);
  }, [language]);
  const pick = useCallback((chosen) => {
    setPersonId(chosen.id);
    setApp(homeApp(chosen));
    keep("person", chosen.id);
    keep("app", homeApp(chosen));
  }, []);
  return html`<div class="desk">
    <header class="page-head">
      <div><h1>Anda 安答 <span>${t.title}</span></h1><p>${t.subtitle}</p></div>
      <button type="button" class="language" data-testid="language" onClick=${() => setLanguage(language === "zh" ? "en" : "zh")}>
        ${t.language}
      </button>
    </header>
    <${PeoplePicker} people=${items} chosen=${person} onPick=${pick} t=${t} language=${language} />
    <main>
      ${person
        ? html`<${Phone} person=${person} app=${app} setApp=${setApp} menu=${menu} ourNumber=${ourNumber}
            t=${t} phone=${phone} trouble=${trouble} />`
        : html`<section class="phone wechat"><p class="event">${t.noPeople}</p></section>`}
    </main>
    <${HttpLog} entries=${phone.log} t=${t} />
  </div>`;
}

render(html`<${Simulator} />`, document.getElementById("app"));
