// Business settings: all of them in groups, and one with its form, default and history.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { put, remove } from "/static/console/api.js";
import { place, useLeaveGuard } from "/static/console/sections.js";
import { language } from "/static/console/texts.js";
import { tell, tellProblem } from "/static/console/toasts.js";
import { attempt, BackLink, Loaded, moment, useList, useRead } from "/static/console/sections/kit.js";
import { AS_JSON, brief, complaint, Field, label, t } from "/static/console/sections/settings/fields.js";
import { texts } from "/static/console/sections/settings/texts.business.js";

const GROUPS = {
  service: ["service_hours", "ticket_clocks", "routing", "target_first_response_minutes", "episode", "review"],
  decisions: ["changes_agents_confirm", "small_claims", "claim_draft_days", "core_system"],
  customers: ["value_model", "lapse_risk_model", "tag_rules"],
  notices: ["quiet_hours", "notice_caps", "notice_lead_days", "notice_channels", "notice_patience_minutes", "campaign_rate_per_minute", "wechat_templates", "sms_templates_cn"],
  identity: ["binding_hours", "retention_days", "retention_years_of_contracts"],
  load: ["rate_limits", "overload"],
};
const KNOWN = new Set(Object.values(GROUPS).flat());

const byWhom = (setting) => t("list.changed", { name: setting.changed_by?.name ?? t("list.somebody"), when: moment(setting.changed_at) });

function Entry({ setting }) {
  return html`
    <li data-testid="setting-row"><span class="settings-entry">
      <a href="#settings/business/${setting.key}" data-testid="setting-${setting.key}"><strong>${t(`name.${setting.key}`)}</strong></a>
      <span class="settings-brief">${brief(setting.value, [setting.key], setting.default)}</span></span>
      ${setting.is_default ? html`<span class="pill plain">${t("list.is_default")}</span>` : html`<span class="pill">${byWhom(setting)}</span>`}</li>
  `;
}

function All({ items }) {
  const of = new Map(items.map((one) => [one.key, one]));
  const groups = { ...GROUPS, others: items.map((one) => one.key).filter((key) => !KNOWN.has(key)) };
  return Object.entries(groups).map(([group, keys]) => {
    const shown = keys.filter((key) => of.has(key));
    return shown.length > 0 && html`<section class="card" key=${group}><h3>${t(`group.${group}`)}</h3><ul class="lines">${shown.map((key) => html`<${Entry} key=${key} setting=${of.get(key)} />`)}</ul></section>`;
  });
}

function History({ settingKey }) {
  const list = useList(`/settings/${settingKey}/history?limit=10`);
  return html`
    <section class="card"><h3>${t("one.history")}</h3>
      <${Loaded} state=${list}>${({ items }) => html`
        ${!items.length && html`<p class="muted">${t("one.no_history")}</p>`}
        <ol class="lines" data-testid="setting-history">${items.map((one) => html`<li key=${one.at}><span>${one.name ?? one.actor} · ${texts[language.value].one.act[one.act]}${one.parts.length > 0 && html` <span class="muted">${one.parts.map((part) => label([settingKey, part])).join(" / ")}</span>`}</span><span class="muted">${moment(one.at)}</span></li>`)}</ol>
        ${list.more && html`<button class="small" onClick=${list.more}>${t("more")}</button>`}`}<//>
    </section>
  `;
}

/** A value as JSON; `onChange` hears it only while it is well-formed, `onText` whether it is. */
function Json({ value, onChange, onWell, hasErrors }) {
  const [text, setText] = useState(JSON.stringify(value, null, 2));
  const [wrong, setWrong] = useState(null);
  const type = (event) => {
    setText(event.target.value);
    try {
      onChange(JSON.parse(event.target.value));
      setWrong(null);
      onWell(true);
    } catch (problem) {
      setWrong(problem.message);
      onWell(false);
    }
  };
  const isWrong = wrong || hasErrors;
  return html`<textarea class="settings-json" rows=${Math.min(26, text.split("\n").length + 2)} spellcheck="false" aria-label=${t("one.value")} aria-invalid=${isWrong ? "true" : undefined} aria-describedby=${isWrong ? "setting-json-wrong" : undefined} data-testid="setting-json" value=${text} onInput=${type}></textarea>${wrong && html`<p class="settings-wrong" id="setting-json-wrong" role="alert">${t("one.json_wrong", { why: wrong })}</p>`}`;
}

function Editor({ setting, onDone }) {
  const [value, setValue] = useState(setting.value);
  const [isJson, setJson] = useState(AS_JSON.has(setting.key));
  const [isWell, setWell] = useState(true);
  const [errors, setErrors] = useState([]);
  const path = `/settings/${setting.key}`;
  useLeaveGuard(!isWell || JSON.stringify(value) !== JSON.stringify(setting.value));
  useEffect(() => {
    if (errors.length) document.querySelector('.settings-form [aria-invalid="true"]')?.focus();
  }, [errors]);
  const save = async (event) => {
    event.preventDefault();
    setErrors([]);
    try {
      await put(path, { value, version: setting.version });
      tell(t("one.saved"));
      onDone();
    } catch (problem) {
      if (problem.errors.length) return setErrors(problem.errors);
      if (problem.code !== "version_conflict") return tellProblem(problem);
      tell(texts[language.value].error.version_conflict, "bad");
      onDone();
    }
  };
  const reset = async () => {
    if (!confirm(t("one.reset_sure", { name: t(`name.${setting.key}`) }))) return;
    await attempt(texts, () => remove(`${path}?version=${setting.version}`), t("one.was_reset"));
    onDone();
  };
  const json = () => {
    setErrors([]);
    setWell(true);
    setJson(!isJson);
  };
  return html`
    <form class="card settings-form" onSubmit=${save}>
      <p>${setting.is_default ? html`<span class="pill plain">${t("list.is_default")}</span>` : html`<span class="pill">${byWhom(setting)}</span>`}</p>
      ${errors.length > 0 && html`<p class="settings-wrong" role="alert">${t("one.wrong", { n: errors.length })}</p>`}
      ${isJson ? html`<${Json} value=${value} onChange=${setValue} onWell=${setWell} hasErrors=${errors.length > 0} />` : html`<${Field} path=${[setting.key]} value=${value} fallback=${setting.default} errors=${errors} onChange=${setValue} />`}
      ${isJson && errors.length > 0 && html`<div id="setting-json-wrong">${errors.map((one) => html`<p class="settings-wrong" key=${one.field + one.rule}><span class="digits">${one.field.replace(/^value\.?/, "")}</span> ${complaint(one)}</p>`)}</div>`}
      <div class="toolbar">
        <button class="primary" data-testid="setting-save" disabled=${!isWell}>${t("one.save")}</button>
        ${!setting.is_default && html`<button type="button" data-testid="setting-reset" onClick=${reset}>${t("one.reset")}</button>`}
        ${!AS_JSON.has(setting.key) && html`<button type="button" class="quiet" data-testid="setting-as-json" disabled=${!isWell} onClick=${json}>${t(isJson ? "one.form" : "one.json")}</button>`}
      </div>
    </form>
  `;
}

function One({ setting, onDone }) {
  const { key } = setting;
  return html`
    <${BackLink} href="#settings/business">${t("one.back")}<//>
    <header class="page-head"><h2>${t(`name.${key}`)}</h2><p>${t(`about.${key}`)}</p></header>
    <${Editor} key=${`${setting.version}`} setting=${setting} onDone=${onDone} />
    <details class="card"><summary>${t("one.default")}</summary><pre class="settings-payload">${JSON.stringify(setting.default, null, 2)}</pre></details>
    <${History} key=${setting.version} settingKey=${key} />
  `;
}

export function Business() {
  const list = useRead("/settings");
  const key = place.value[1];
  return html`<${Loaded} state=${list}>${({ items }) => {
    const setting = items.find((one) => one.key === key);
    return setting ? html`<${One} key=${key} setting=${setting} onDone=${list.read} />` : html`<${All} items=${items} />`;
  }}<//>`;
}
