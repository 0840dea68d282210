// A setting's value as a form, shaped by the value itself; what has no simple form is edited as JSON.
import { html, useState } from "/static/vendor/preact.js";
import { language, t as common, translator } from "/static/console/texts.js";
import { wordsOf } from "/static/console/wrong.js";
import { texts } from "/static/console/sections/settings/texts.business.js";

export const t = translator(texts);
const CHANGES = ["contact.phone", "contact.address", "contact.email", "payment_account", "beneficiary", "surrender", "renewal"];
const CHANNELS = ["wechat", "sms", "web"];
const TIME = /^\d{2}:\d{2}$/;
/** These hold entries of the insurer's own names, or lists of rules. */
export const AS_JSON = new Set(["tag_rules", "wechat_templates", "sms_templates_cn"]);

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isSpan = (value) => isObject(value) && Object.keys(value).every((name) => name === "hours" || name === "working_days");
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** The names of a value's parts, in the order of its default: the database keeps none. */
function names(value, fallback) {
  const known = isObject(fallback) ? Object.keys(fallback).filter((name) => name in value) : [];
  return [...known, ...Object.keys(value).filter((name) => !known.includes(name))];
}

/** What a part is called: kinds of tickets by their own names. */
export function label(path) {
  const name = path.at(-1);
  if (path.length === 2 && path[0] === "ticket_clocks") return common(`kind.${name}`);
  return t(path[0] === "service_hours" && name === "days" ? "field.weekdays" : `field.${name}`);
}

/** A value in a few words; `fallback` is its default. */
export function brief(value, path, fallback) {
  if (typeof value === "boolean") return t(value ? "list.on" : "list.off");
  if (isSpan(value)) return Object.entries(value).map(([name, count]) => `${count} ${t(`field.${name}`)}`).join("");
  if (Array.isArray(value)) return listed(value, path);
  if (!isObject(value)) return String(value);
  if (AS_JSON.has(path[0]) || Object.keys(value).length === 0) return counted(value);
  const isChinese = language.value === "zh";
  const [opens, closes] = isChinese ? ["（", "）"] : [" (", ")"];
  const one = (name) => {
    const inner = brief(value[name], [...path, name], fallback?.[name]);
    return label([...path, name]) + (isObject(value[name]) && !isSpan(value[name]) ? opens + inner + closes : ` ${inner}`);
  };
  return names(value, fallback).map(one).join(isChinese ? "；" : "; ");
}

function counted(value) {
  const count = Object.keys(value).length;
  return count ? t("list.items", { n: count }) : t("list.empty");
}

function listed(value, path) {
  if (value.some(isObject)) return counted(value);
  if (!value.length) return t("list.empty");
  if (path[0] === "notice_caps") return `${value[0]} ${t("cap.most")} ${value[1]} ${t("cap.days")}`;
  const words = value.map((one) => (path[0] === "service_hours" ? texts[language.value].weekday[one] : (texts[language.value].option[one] ?? one)));
  return words.join(language.value === "zh" ? "、" : ", ");
}

/** The message for an error of the API. */
export const complaint = (error) => wordsOf(error, texts[language.value].reason);

/** The errors of a part, with those of its entries; a group's parts say their own. */
function errorsAt(path, errors, isGroup = false) {
  const place = ["value", ...path.slice(1)].join(".");
  return errors.filter((one) => one.field === place || (!isGroup && one.field.startsWith(`${place}.`)));
}
const idOf = (path) => `wrong-${path.join("-")}`;
/** What tells a reader of the screen that the part is wrong, and where it is said why. */
const told = (path, errors) => (errorsAt(path, errors).length ? { "aria-invalid": "true", "aria-describedby": idOf(path) } : {});

function Errors({ path, errors, isGroup }) {
  const here = errorsAt(path, errors, isGroup);
  return here.length > 0 && html`<div id=${idOf(path)} role="alert">${here.map((one) => html`<p class="settings-wrong" data-testid="setting-wrong">${complaint(one)}</p>`)}</div>`;
}

function Toggles({ options, value, onChange }) {
  const toggle = ([key]) => onChange(value.includes(key) ? value.filter((one) => one !== key) : options.map(([one]) => one).filter((one) => one === key || value.includes(one)));
  return html`<div class="one-of">${options.map((one) => html`<button type="button" key=${one[0]} class="small" aria-pressed=${value.includes(one[0])} onClick=${() => toggle(one)}>${one[1]}</button>`)}</div>`;
}

function Ordered({ options, value, onChange }) {
  const up = (index) => onChange([...value.slice(0, index - 1), value[index], value[index - 1], ...value.slice(index + 1)]);
  const missing = options.filter(([key]) => !value.includes(key));
  const name = (key) => options.find(([one]) => one === key)?.[1] ?? key;
  return html`
    <ol class="settings-order">
      ${value.map((key, index) => html`<li key=${key}><span>${name(key)}</span>${index > 0 && html`<button type="button" class="quiet small" onClick=${() => up(index)}>${t("up")}</button>`}${value.length > 1 && html`<button type="button" class="quiet icon" aria-label=${common("discard")} onClick=${() => onChange(value.filter((one) => one !== key))}>×</button>`}</li>`)}
      ${missing.map(([key, words]) => html`<li key=${key} class="muted"><span>${words}</span><button type="button" class="quiet small" onClick=${() => onChange([...value, key])}>${t("add")}</button></li>`)}
    </ol>
  `;
}

/** Numbers or words separated by commas; what was typed stays as it was typed. */
function Commas({ value, isNumbers, onChange, hint, wrong }) {
  const [typed, setTyped] = useState(value.join(", "));
  const type = (event) => {
    setTyped(event.target.value);
    const parts = event.target.value.split(/[,，\s]+/).filter(Boolean);
    onChange(isNumbers ? parts.map((one) => (Number.isNaN(Number(one)) ? one : Number(one))) : parts);
  };
  return html`<input value=${typed} onInput=${type} ...${wrong} /><small class="hint">${hint}</small>`;
}

function Span({ value, onChange, wrong }) {
  const unit = "working_days" in value ? "working_days" : "hours";
  const count = value[unit];
  return html`
    <div class="settings-span">
      <input type="number" min="0" step="1" ...${wrong} value=${count} onInput=${(event) => onChange({ [unit]: number(event) })} />
      <select value=${unit} aria-label=${t("field.hours")} onChange=${(event) => onChange({ [event.target.value]: count })}>${["hours", "working_days"].map((one) => html`<option key=${one} value=${one}>${t(`field.${one}`)}</option>`)}</select>
    </div>
  `;
}

const number = (event) => (event.target.value === "" ? null : Number(event.target.value));

function Cap({ value, onChange, wrong }) {
  return html`<div class="settings-span"><input type="number" min="1" ...${wrong} value=${value[0]} onInput=${(event) => onChange([number(event), value[1]])} /><span>${t("cap.most")}</span><input type="number" min="1" value=${value[1]} onInput=${(event) => onChange([value[0], number(event)])} /><span>${t("cap.days")}</span></div>`;
}

function Control({ path, value, onChange, wrong }) {
  const [key, name] = [path[0], path.at(-1)];
  if (key === "service_hours" && name === "days") return html`<${Toggles} options=${texts[language.value].weekday.map((words, day) => [day, words])} value=${value} onChange=${onChange} />`;
  if (key === "changes_agents_confirm") return html`<${Toggles} options=${CHANGES.map((one) => [one, texts[language.value].option[one]])} value=${value} onChange=${onChange} />`;
  if (key === "notice_channels") return html`<${Ordered} options=${CHANNELS.map((one) => [one, t(`option.${one}`)])} value=${value} onChange=${onChange} />`;
  if (key === "notice_caps") return html`<${Cap} value=${value} wrong=${wrong} onChange=${onChange} />`;
  if (Array.isArray(value)) return html`<${Commas} value=${value} isNumbers=${key !== "small_claims"} onChange=${onChange} hint=${t(key === "small_claims" ? "claim_type_hint" : "numbers_hint")} wrong=${wrong} />`;
  if (typeof value === "string") return html`<input type=${TIME.test(value) ? "time" : "text"} value=${value} data-testid="setting-${name}" ...${wrong} onInput=${(event) => onChange(event.target.value)} />`;
  return html`<input type="number" step="any" value=${value} data-testid="setting-${name}" ...${wrong} onInput=${(event) => onChange(number(event))} />`;
}

/** One part of a value, `fallback` is its default; calls `onChange` with the part anew. */
export function Field({ path, value, fallback, onChange, errors }) {
  const isWhole = path.length === 1;
  if (isObject(value) && !isSpan(value)) {
    const parts = html`<div class="fields">${names(value, fallback).map((name) => html`<${Field} key=${name} path=${[...path, name]} value=${value[name]} fallback=${fallback?.[name]} errors=${errors} onChange=${(part) => onChange({ ...value, [name]: part })} />`)}</div>`;
    return html`<fieldset class="settings-group ${isWhole ? "" : "wide"}">${!isWhole && html`<legend>${label(path)}</legend>`}${parts}<${Errors} path=${path} errors=${errors} isGroup /></fieldset>`;
  }
  const hint = fallback !== undefined && !same(value, fallback) && html`<small class="hint">${t("one.default_is", { value: brief(fallback, path) })}</small>`;
  const words = isWhole ? t(`name.${path[0]}`) : label(path);
  const wrong = told(path, errors);
  if (typeof value === "boolean") return html`<div class="field"><label class="check"><input type="checkbox" checked=${value} data-testid="setting-${path.at(-1)}" ...${wrong} onChange=${(event) => onChange(event.target.checked)} />${words}</label>${hint}<${Errors} path=${path} errors=${errors} /></div>`;
  const inner = html`<span>${words}</span>${isSpan(value) ? html`<${Span} value=${value} wrong=${wrong} onChange=${onChange} />` : html`<${Control} path=${path} value=${value} wrong=${wrong} onChange=${onChange} />`}${hint}<${Errors} path=${path} errors=${errors} />`;
  // Groups of buttons are no single control that a label could name.
  return Array.isArray(value) || isSpan(value) ? html`<div class="field" role="group" aria-label=${words}>${inner}</div>` : html`<label class="field">${inner}</label>`;
}
