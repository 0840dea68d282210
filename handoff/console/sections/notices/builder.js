// The segment builder: conditions as fields, and how many customers meet them, counted while one chooses.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { PRODUCTS, may, previewSegment, readChoices, t, tellFailure, tidy } from "/static/console/sections/notices/calls.js";

const TIERS = ["gold", "silver", "standard"];
const LANGUAGES = ["zh-Hans", "zh-Hant", "en"];
const SIDES = ["include", "exclude"];
const PARTS = [
  "regions", "tags", "tiers", "languages", "holds", "holds.product_codes", "holds.ends_in", "holds.premium_due_in", "last_contact", "age_from", "age_to",
  "birthday_in", "customer_since", "consent",
];
/** The fields of a filter as the API calls them, for `useWrong`. */
export const CONDITIONS = ["filter", ...SIDES, ...SIDES.flatMap((side) => PARTS.map((part) => `${side}.${part}`))];
const PURPOSES = ["marketing", "greetings", "reminders"];

/** One of several, as chips; `value` is a list or null. */
export function Chips({ label, options, value, onChange, words, wrong = "" }) {
  const chosen = value ?? [];
  const toggle = (one) => onChange(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
  return html`
    <fieldset class="notice-chips wide">
      <legend>${label}</legend>
      ${options.map(
        (one) => html`<button type="button" key=${one} class="small" aria-pressed=${chosen.includes(one)} onClick=${() => toggle(one)}>${words ? t(`${words}.${one}`) : one}</button>`,
      )}
      ${options.length === 0 && html`<span class="muted">${t("nothing_on_record")}</span>`}${wrong}
    </fieldset>
  `;
}

function Days({ label, value, onChange, testid, wrong }) {
  return html`
    <label class="field"><span>${label}</span>
      <input type="number" min="0" max="3650" placeholder=${t("any")} value=${value ?? ""} data-testid=${testid} onInput=${(event) => onChange(event.target.value === "" ? null : Number(event.target.value))} ...${wrong.at} />${wrong.words}
    </label>
  `;
}

function Day({ label, value, onChange, wrong }) {
  return html`<label class="field"><span>${label}</span><input type="date" value=${value ?? ""} onInput=${(event) => onChange(event.target.value || null)} ...${wrong.at} />${wrong.words}</label>`;
}

function YesNo({ label, value, onChange }) {
  return html`
    <label class="field"><span>${label}</span>
      <select value=${value === true ? "yes" : value === false ? "no" : ""} onChange=${(event) => onChange({ yes: true, no: false }[event.target.value] ?? null)}>
        <option value="">${t("any")}</option><option value="yes">${t("yes")}</option><option value="no">${t("no")}</option>
      </select>
    </label>
  `;
}

function Contact({ value, onChange, wrong }) {
  const kind = value?.within_days !== undefined ? "within_days" : value?.not_within_days !== undefined ? "not_within_days" : "";
  return html`
    <div class="field"><span>${t("build.last_contact")}</span>
      <div class="toolbar">
        <select aria-label=${t("build.last_contact")} value=${kind} onChange=${(event) => onChange(event.target.value ? { [event.target.value]: 30 } : null)}>
          <option value="">${t("any")}</option><option value="within_days">${t("build.within_days")}</option><option value="not_within_days">${t("build.not_within_days")}</option>
        </select>
        ${kind && html`<input class="short" type="number" min="0" max="3650" aria-label=${t("build.days")} value=${value[kind]} onInput=${(event) => onChange({ [kind]: Number(event.target.value) })} ...${wrong.at} />`}
      </div>${wrong.words}
    </div>
  `;
}

/** One policy that they hold: what is given must be true of the same policy. */
function Holding({ value, onChange, products, wrongAt }) {
  const set = (name, to) => onChange({ ...value, [name]: to });
  const ahead = (name) => (days) => set(name, days === null ? null : { to_days: days });
  return html`
    <${Chips} label=${t("build.holds")} options=${PRODUCTS} value=${value.product_types} words="product" onChange=${(to) => set("product_types", to)} wrong=${wrongAt("holds").words} />
    <label class="field"><span>${t("build.product_code")}</span>
      <select value=${value.product_codes?.[0] ?? ""} onChange=${(event) => set("product_codes", event.target.value ? [event.target.value] : null)}>
        <option value="">${t("any")}</option>${products.map((one) => html`<option key=${one.code} value=${one.code}>${one.name.zh} ${one.name.en}</option>`)}
      </select>
    </label>
    <${Days} label=${t("build.ends_in")} value=${value.ends_in?.to_days} onChange=${ahead("ends_in")} wrong=${wrongAt("holds.ends_in")} testid="build-ends-in" />
    <${Days} label=${t("build.premium_due_in")} value=${value.premium_due_in?.to_days} onChange=${ahead("premium_due_in")} wrong=${wrongAt("holds.premium_due_in")} />
    <label class="notice-check"><input type="checkbox" checked=${Boolean(value.is_overdue)} onChange=${(event) => set("is_overdue", event.target.checked || null)} /> ${t("build.is_overdue")}</label>
  `;
}

function Fields({ side, given, onChange, choices, wrong }) {
  const wrongAt = (name) => ({ at: wrong.at(`${side}.${name}`), words: wrong.words(`${side}.${name}`) });
  const set = (name, to) => onChange({ ...given, [name]: to });
  const holding = given.holds?.[0] ?? {};
  const setHolding = (to) => set("holds", Object.keys(tidy(to)).length ? [to] : []);
  const empty = (value) => (value && Object.keys(value).length ? value : null);
  return html`
    <div class="fields">
      <${Chips} label=${t("build.regions")} options=${choices.regions} value=${given.regions} onChange=${(to) => set("regions", to)} wrong=${wrongAt("regions").words} />
      <${Chips} label=${t("build.tags")} options=${choices.tags} value=${given.tags} onChange=${(to) => set("tags", to)} wrong=${wrongAt("tags").words} />
      <${Chips} label=${t("build.tiers")} options=${TIERS} value=${given.tiers} words="tier" onChange=${(to) => set("tiers", to)} wrong=${wrongAt("tiers").words} />
      <${Chips} label=${t("build.languages")} options=${LANGUAGES} value=${given.languages} words="language" onChange=${(to) => set("languages", to)} wrong=${wrongAt("languages").words} />
      <${Holding} value=${holding} onChange=${setHolding} products=${choices.products} wrongAt=${wrongAt} />
      <${Contact} value=${given.last_contact} onChange=${(to) => set("last_contact", to)} wrong=${wrongAt("last_contact")} />
      <${Days} label=${t("build.age_from")} value=${given.age_from} onChange=${(to) => set("age_from", to)} wrong=${wrongAt("age_from")} />
      <${Days} label=${t("build.age_to")} value=${given.age_to} onChange=${(to) => set("age_to", to)} wrong=${wrongAt("age_to")} />
      <${Days} label=${t("build.birthday_in")} value=${given.birthday_in?.to_days} onChange=${(to) => set("birthday_in", to === null ? null : { to_days: to })} wrong=${wrongAt("birthday_in")} />
      <${Day} label=${t("build.since")} value=${given.customer_since?.since} onChange=${(to) => set("customer_since", empty(tidy({ ...given.customer_since, since: to })))} wrong=${wrongAt("customer_since")} />
      <${Day} label=${t("build.until")} value=${given.customer_since?.until} onChange=${(to) => set("customer_since", empty(tidy({ ...given.customer_since, until: to })))} wrong=${{}} />
      <${YesNo} label=${t("build.has_open_claim")} value=${given.has_open_claim} onChange=${(to) => set("has_open_claim", to)} />
      <${YesNo} label=${t("build.has_open_ticket")} value=${given.has_open_ticket} onChange=${(to) => set("has_open_ticket", to)} />
      <${YesNo} label=${t("build.at_risk")} value=${given.at_risk_of_lapse} onChange=${(to) => set("at_risk_of_lapse", to)} />
      <label class="field"><span>${t("build.consent")}</span>
        <select value=${given.consent?.purpose ?? ""} onChange=${(event) => set("consent", event.target.value ? { purpose: event.target.value } : null)}>
          <option value="">${t("any")}</option>${PURPOSES.map((one) => html`<option key=${one} value=${one}>${t(`purpose.${one}`)}</option>`)}
        </select>
      </label>
    </div>
  `;
}

/** What the API takes, of what the builder holds; an exclusion without a condition is none. */
export function filterOf({ include, exclude }) {
  const filter = { include: tidy(include) };
  const without = tidy(exclude ?? {});
  return Object.keys(without).length ? { ...filter, exclude: without } : filter;
}

/** `wrong` marks the fields that the API cannot count by. */
export function Count({ filter, wrong }) {
  const [shown, setShown] = useState(null);
  const asked = JSON.stringify(filter);
  useEffect(() => {
    let isCurrent = true;
    const waiting = setTimeout(() => {
      previewSegment(filter)
        .then((found) => isCurrent && (wrong?.clear(), setShown(found)))
        .catch((problem) => isCurrent && (setShown(null), wrong?.mark(problem) || tellFailure(problem)));
    }, 300);
    return () => {
      isCurrent = false;
      clearTimeout(waiting);
    };
  }, [asked]);
  return html`
    <aside class="card notice-count" aria-live="polite">
      <div class="figure"><strong data-testid="segment-count">${shown ? shown.count : "…"}</strong><span>${t("build.of", { n: shown?.of ?? "…" })}</span></div>
      ${shown?.count === 0 && html`<p class="muted">${t("build.nobody")}</p>`}
      ${shown?.sample.length > 0 && html`
        <h4>${t("build.sample")}</h4>
        <ul class="notice-sample">
          ${shown.sample.map((one) => html`<li key=${one.id}>${one.name} <span class="muted">${[one.region, t(`tier.${one.tier}`)].filter(Boolean).join(" · ")}</span></li>`)}
        </ul>
      `}
    </aside>
  `;
}

export function Builder({ value, onChange, wrong, children }) {
  const [choices, setChoices] = useState(null);
  const [isExcluding, setIsExcluding] = useState(Boolean(value.exclude));
  useEffect(() => {
    readChoices().then(setChoices).catch(tellFailure);
  }, []);
  if (!choices) return html`<p class="loading muted">${t("loading")}</p>`;
  return html`
    <div class="notice-build">
      <div class="card">
        ${children}
        <h3>${t("build.include")}</h3>
        ${wrong.words("filter")}${wrong.words("include")}
        <${Fields} side="include" wrong=${wrong} given=${value.include} choices=${choices} onChange=${(include) => onChange({ ...value, include })} />
        <label class="notice-check"><input type="checkbox" checked=${isExcluding} onChange=${(event) => {
          setIsExcluding(event.target.checked);
          if (!event.target.checked) onChange({ ...value, exclude: null });
        }} /> ${t("build.exclude")}</label>
        ${wrong.words("exclude")}
        ${isExcluding && html`<${Fields} side="exclude" wrong=${wrong} given=${value.exclude ?? {}} choices=${choices} onChange=${(exclude) => onChange({ ...value, exclude })} />`}
      </div>
      ${may("customers:read") && html`<${Count} filter=${filterOf(value)} wrong=${wrong} />`}
    </div>
  `;
}
