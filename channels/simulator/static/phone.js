// What a phone shows, made from the simulator's entries; and the calls that change it.
const API = "/simulator/api";
const WAIT = 5;

async function call(path, body) {
  const options = body
    ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }
    : {};
  const response = await fetch(`${API}${path}`, options);
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

export const readPeople = () => call("/people");
export const sendSms = (person, text, pictures = []) => call(`/phones/${person.id}/sms`, { text, pictures });
export const pictureAddress = (picture) => `${API}/pictures/${encodeURIComponent(picture.id)}`;

// A chosen file as the platforms' fakes take it.
export const asDataUrl = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });

export const useWeChat = (person, draft) => call(`/phones/${person.id}/wechat`, draft);

// What came up to `readUpTo` was there when the phone was picked up.
export const EMPTY = { wechat: [], sms: [], log: [], typing: false, seq: 0, readUpTo: Infinity };

export function applyAll(phone, entries) {
  const next = entries.reduce(apply, phone);
  return { ...next, readUpTo: Math.min(phone.readUpTo, next.seq) };
}

// One entry at a time: a status changes an earlier message, everything else is added.
function apply(phone, entry) {
  const next = { ...phone, seq: Math.max(phone.seq, entry.seq) };
  if (entry.app === "log") return { ...next, log: [...phone.log, entry].slice(-200) };
  if (entry.kind === "typing") return { ...next, typing: entry.is_on };
  const messages = phone[entry.app];
  if (entry.kind === "status") {
    const changed = messages.map((m) => (m.id === entry.id ? { ...m, status: entry.status } : m));
    return { ...next, [entry.app]: changed };
  }
  if (messages.some((m) => m.seq === entry.seq)) return next;
  const typing = entry.app === "wechat" && entry.kind === "in" ? false : phone.typing;
  return { ...next, typing, [entry.app]: [...messages, entry] };
}

// Calls `onEntries` with what is new until the returned function is called.
export function follow(person, onEntries, onTrouble) {
  const stop = new AbortController();
  (async () => {
    let after = 0;
    let wait = 0;
    while (!stop.signal.aborted) {
      try {
        const response = await fetch(`${API}/phones/${person.id}?after=${after}&wait=${wait}`, { signal: stop.signal });
        if (!response.ok) throw new Error(String(response.status));
        const { entries } = await response.json();
        onTrouble(false);
        if (entries.length || !wait) onEntries(entries);
        after = entries.at(-1)?.seq ?? after;
        wait = WAIT;
      } catch (error) {
        if (stop.signal.aborted) return;
        onTrouble(true);
        await new Promise((resolve) => setTimeout(resolve, 1500));
      }
    }
  })();
  return () => stop.abort();
}

const CODE = /(?<!\d)\d{6}(?!\d)/;
export const codeIn = (text) => text.match(CODE)?.[0] ?? null;
