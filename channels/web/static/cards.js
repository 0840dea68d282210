// Cards: an attachment of type template/generic, as Rasa's widgets know it, with our own look.

import { html } from "/static/vendor/preact.js";
import { t } from "./language.js";
import { say } from "./outbox.js";

// Only web addresses become links; anything else stays text.
const isWeb = (url) => /^(https?:\/\/|\/(?!\/))/.test(url ?? "");
const ICONS = {
  claim: "M9 4h6l1 2h3v14H5V6h3zM9 13l2 2 4-4",
  policy: "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9.500 12l2 2 3.500-3.500",
  article: "M6 4h9l3 3v13H6zM9 10h6M9 14h6",
};

function Facts({ facts }) {
  if (!facts?.length) return null;
  return html`<dl class="facts">${facts.map((fact) => html`<div key=${fact.label}><dt>${fact.label}</dt><dd>${fact.value}</dd></div>`)}</dl>`;
}

function Head({ element }) {
  const url = element.default_action?.url;
  const body = html`
    ${ICONS[element.kind] && html`<svg class="kind" viewBox="0 0 24 24" aria-hidden="true"><path d=${ICONS[element.kind]} /></svg>`}
    <span class="titles">
      <span class="title">${element.title || t("open_link")}</span>
      ${element.subtitle && html`<span class="subtitle">${element.subtitle}</span>`}
    </span>
    ${element.badge && html`<span class="status">${element.badge}</span>`}`;
  if (!isWeb(url)) return html`<div class="head">${body}</div>`;
  return html`
    <a class="head" href=${url} target="_blank" rel="noopener noreferrer">
      ${body}<span class="arrow" aria-hidden="true">↗</span><span class="unseen">${t("new_window")}</span>
    </a>`;
}

function Action({ button }) {
  if (button.type === "web_url") {
    if (!isWeb(button.url)) return null;
    return html`<a class="action" href=${button.url} target="_blank" rel="noopener noreferrer">${button.title}<span class="unseen">${t("new_window")}</span></a>`;
  }
  return html`<button type="button" class="action" data-testid="card-action" onClick=${() => say(button.payload, button.title)}>${button.title}</button>`;
}

function Card({ element }) {
  return html`
    <div class="card" data-testid="card">
      <${Head} element=${element} />
      <${Facts} facts=${element.facts} />
      ${element.buttons?.length > 0 && html`
        <div class="action-row">${element.buttons.map((button) => html`<${Action} key=${button.title} button=${button} />`)}</div>`}
    </div>`;
}

export function Cards({ attachment }) {
  const elements = attachment?.type === "template" ? attachment.payload?.elements : null;
  if (!elements?.length) return null;
  return html`<div class="cards">${elements.map((element, index) => html`<${Card} key=${index} element=${element} />`)}</div>`;
}
