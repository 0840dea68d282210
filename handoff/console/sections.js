// The console's pages: the desk, and those beside it that are loaded when first opened (`/console#notices`).
import { computed, html, signal, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { Icon } from "/static/console/icons.js";
import { me } from "/static/console/store.js";
import { t } from "/static/console/texts.js";
import { tellProblem } from "/static/console/toasts.js";

/** `right` is the scope that shows the page. Each is sections/<id>/page.js, exporting `Page`, beside its style.css. */
const SECTIONS = [
  { id: "desk", right: "tickets:read" },
  { id: "customers", right: "customers:read" },
  { id: "tasks", right: "tasks:read" },
  { id: "changes", right: "changes:read" },
  { id: "claims", right: "claims:read" },
  { id: "complaints", right: "tickets:read" },
  { id: "notices", right: "notices:read" },
  { id: "articles", right: "articles:read" },
  { id: "imports", right: "imports:write" },
  { id: "delivery", right: "dead_letters:write" },
  { id: "reports", right: "reports:read" },
  { id: "team", right: "tickets:assign" },
  { id: "settings", right: "tickets:read" },
  { id: "review", right: "review:read" },
];

const named = () => location.hash.slice(1).split("/")[0] || "desk";
export const section = signal(named());
/** What follows the page's name in the address, `["42", "edit"]` of `#articles/42/edit`. */
export const place = signal(location.hash.slice(1).split("/").slice(1));

let mayLeave = () => true;

/** `ask` says whether the shown place may be left, until what this gives back is called. */
export function guard(ask) {
  mayLeave = ask;
  return () => {
    if (mayLeave === ask) mayLeave = () => true;
  };
}

/** Asks before unsaved changes are left behind. Call what it gives when they were saved and the page goes on at once. */
export function useLeaveGuard(isDirty) {
  const stop = useRef(() => {});
  useEffect(() => {
    if (!isDirty) return undefined;
    const onUnload = (event) => event.preventDefault();
    addEventListener("beforeunload", onUnload);
    const unguard = guard(() => confirm(t("leave_unsaved")));
    stop.current = () => {
      removeEventListener("beforeunload", onUnload);
      unguard();
    };
    return stop.current;
  }, [isDirty]);
  return () => stop.current();
}

/** A part of the address in its own letters; one that nobody wrote rightly stands as it is. */
export function spelled(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

addEventListener("hashchange", (event) => {
  if (!mayLeave()) return history.replaceState(null, "", event.oldURL);
  section.value = named();
  place.value = location.hash.slice(1).split("/").slice(1);
});

const allowed = computed(() => SECTIONS.filter((one) => me.value?.scopes.includes(one.right)));

/** Whether the desk is shown; also when the address names a page that is not there or not allowed. */
export const isDesk = computed(() => !allowed.value.some((one) => one.id === section.value && one.id !== "desk"));

/** At the edge of the page: every page that this agent may open, as an icon with its name. */
export function SectionRail() {
  if (allowed.value.length < 2) return null;
  const current = isDesk.value ? "desk" : section.value;
  return html`
    <nav class="sections" aria-label=${t("sections.label")}>
      ${allowed.value.map(
        ({ id }) =>
          html`<a key=${id} href="#${id}" data-testid="section-${id}" aria-current=${id === current ? "page" : undefined}><${Icon} name=${id} size="20" /><span>${t(`sections.${id}`)}</span></a>`,
      )}
    </nav>
  `;
}

/** The style of a page, for the page itself or for a part of it that is shown elsewhere. */
export function addSheet(id) {
  const href = `/static/console/sections/${id}/style.css`;
  if (document.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}

/** The chosen page beside the desk. */
export function Section() {
  const id = section.value;
  const [loaded, setLoaded] = useState(null);
  useEffect(() => {
    let isCurrent = true;
    addSheet(id);
    import(`/static/console/sections/${id}/page.js`)
      .then((module) => isCurrent && setLoaded({ id, Page: module.Page }))
      .catch(tellProblem);
    return () => (isCurrent = false);
  }, [id]);
  if (loaded?.id !== id) return html`<main class="section"><p class="page-loading">${t("loading")}</p></main>`;
  return html`<main class="section" id="section-${id}"><${loaded.Page} /></main>`;
}
