// What calls an agent back: a tone made by the browser, and notifications of the desktop that name nobody.
import { effect, signal } from "/static/vendor/preact.js";
import { lists } from "/static/console/lists.js";
import { me } from "/static/console/session.js";
import { currentNumber, entries, isMine, open, ticket } from "/static/console/store.js";
import { t } from "/static/console/texts.js";

const STORED = "anda.console.muted";
// Two notes that rise; an urgent case has three, louder, again and again.
const TONES = {
  message: { notes: [880], gain: 0.05 },
  normal: { notes: [660, 880], gain: 0.1 },
  urgent: { notes: [880, 660, 988], gain: 0.3 },
};
const NOTE_SECONDS = 0.16;

export const isMuted = signal(localStorage.getItem(STORED) === "yes");
/** The browser's word on notifications: `default`, `granted`, `denied`, or `missing`. */
export const permission = signal(globalThis.Notification?.permission ?? "missing");

let audio = null;

export function setMuted(muted) {
  isMuted.value = muted;
  localStorage.setItem(STORED, muted ? "yes" : "no");
  if (!muted) sound("normal");
}

export async function askPermission() {
  permission.value = await Notification.requestPermission();
}

function note(frequency, at, gain) {
  const [tone, volume] = [audio.createOscillator(), audio.createGain()];
  tone.frequency.value = frequency;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(gain, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + NOTE_SECONDS);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + NOTE_SECONDS);
}

/** Sound a tone: `message`, `normal` or `urgent`. Browsers allow it once the page was touched. */
export function sound(name) {
  if (isMuted.value || !globalThis.AudioContext) return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => {});
  const { notes, gain } = TONES[name];
  notes.forEach((frequency, index) => note(frequency, audio.currentTime + index * NOTE_SECONDS, gain));
}

const isSeen = () => !document.hidden && document.hasFocus();

/** Only the kind and the channel: what lies on a locked screen is read by others. */
export function notify(key, row) {
  if (isSeen() || permission.value !== "granted") return;
  const title = t(key, { kind: t(`kind.${row.kind}`), channel: t(`channel.${row.channel}`) });
  const shown = new Notification(title, { tag: `${key}.${row.number}`, silent: true });
  shown.onclick = () => {
    window.focus();
    location.hash = "desk";
    open(row.number);
    shown.close();
  };
}

function call(row) {
  notify("alerts.message", row);
  sound("message");
}

/** Call the agent when a customer of theirs wrote while nobody looked at the page. */
export function listenForMessages() {
  listenToLists();
  listenToOpenTicket();
}

function listenToLists() {
  let known = null;
  effect(() => {
    const items = lists.value.mine?.items;
    if (!me.value || !items) {
      known = null;
      return;
    }
    const before = known;
    // What was read meanwhile stays known: the number of unread messages alone would hide the next one.
    known = new Map(items.map((row) => [row.number, Math.max(row.newest_unread ?? 0, before?.get(row.number) ?? 0)]));
    if (before === null || isSeen()) return;
    const isOpen = (row) => row.number === currentNumber.peek();
    items.filter((row) => !isOpen(row) && before.has(row.number) && row.newest_unread > before.get(row.number)).forEach(call);
  });
}

/** What is shown counts as read when it was fetched: its messages are heard of by themselves. */
function listenToOpenTicket() {
  let [number, last] = [null, 0];
  effect(() => {
    const newest = entries.value?.findLast((entry) => entry.direction === "inbound")?.id ?? 0;
    const isNews = number === currentNumber.value && newest > last;
    const isFirst = last === 0;
    [number, last] = [currentNumber.value, newest];
    if (isNews && !isFirst && isMine.peek() && !isSeen()) call(ticket.peek());
  });
}
