// A segment's filter in words: each condition with what it asks for.
import { html } from "/static/vendor/preact.js";
import { businessDate } from "/static/console/format.js";
import { language } from "/static/console/texts.js";
import { t, tidy } from "/static/console/sections/notices/calls.js";

const IN_FORCE = '["active","grace"]';

const listed = (values) => values.join(language.value === "zh" ? "、" : ", ");
const named = (group) => (values) => listed(values.map((one) => t(`${group}.${one}`)));
const yesNo = (value) => t(value ? "yes" : "no");
const ahead = ({ from_days: from = 0, to_days: to }) => (from ? t("cond.days_between", { from, to }) : t("cond.days", { n: to }));
const between = ({ since, until }) => [since && t("cond.from", { day: businessDate(since) }), until && t("cond.until", { day: businessDate(until) })].filter(Boolean).join(" ");
const contact = ({ within_days: within, not_within_days: without, channels }) => {
  const days = within === undefined ? t("cond.not_in", { n: without }) : t("cond.in", { n: within });
  return channels ? `${days} · ${named("channel")(channels)}` : days;
};
const consent = ({ purpose, given }) => `${t(`purpose.${purpose}`)}${given ? "" : ` · ${t("no")}`}`;

/** What each condition asks for, by its name in the API; its label is `build.<name>`. */
const WORDS = {
  regions: listed, tags: listed, tiers: named("tier"), languages: named("language"), genders: named("cond.gender"), age_from: String, age_to: String, birthday_in: ahead,
  customer_since: between, has_open_claim: yesNo, has_open_ticket: yesNo, last_contact: contact, consent, at_risk_of_lapse: yesNo,
};
const OF_A_POLICY = { product_types: named("product"), product_codes: listed, statuses: named("policy_status"), issued: between, ends: between, ends_in: ahead, premium_due_in: ahead, is_overdue: yesNo };
const LABELS = { product_types: "build.holds", at_risk_of_lapse: "build.at_risk", customer_since: "cond.customer_since", languages: "build.languages" };

const rows = (given, words) => Object.keys(words).filter((name) => name in given).map((name) => [t(LABELS[name] ?? `build.${name}`), words[name](given[name])]);

/** Policies in force are meant unless others are named, so that these are not said. */
function ofPolicy(policy) {
  const { statuses, ...others } = policy;
  const said = JSON.stringify(statuses) === IN_FORCE ? others : policy;
  const found = rows(said, OF_A_POLICY);
  return found.length ? found : [[t("build.holds"), t("cond.any_policy")]];
}

function Side({ given, title }) {
  const conditions = tidy(given);
  const all = [...rows(conditions, WORDS), ...(conditions.holds ?? []).flatMap(ofPolicy)];
  return html`
    <h4>${title}</h4>
    ${all.length === 0 && html`<p class="muted">${t("cond.everybody")}</p>`}
    <dl class="notice-facts">${all.map(([label, words]) => html`<dt>${label}</dt><dd>${words}</dd>`)}</dl>
  `;
}

export function ConditionsShown({ filter }) {
  return html`
    <${Side} given=${filter.include ?? {}} title=${t("build.include")} />
    ${filter.exclude && html`<${Side} given=${filter.exclude} title=${t("build.exclude")} />`}
  `;
}
