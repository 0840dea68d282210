// All campaigns, the open surge queues, and the forms for a new campaign or catastrophe notice.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { dayOf, fullTime } from "/static/console/format.js";
import { Dialog } from "/static/console/resolve.js";
import { named } from "/static/console/texts.js";
import { Chips } from "/static/console/sections/notices/builder.js";
import { PRODUCTS, closeSurge, createCampaign, createCatastrophe, go, listCampaigns, listSegments, listSurges, listTemplates, may, t, tellFailure } from "/static/console/sections/notices/calls.js";
import { useWrong } from "/static/console/wrong.js";
import { useOnce } from "/static/console/sections/notices/once.js";

export const STATE_MOODS = { draft: "plain", running: "warn", stopped: "bad", done: "good" };
const open = (campaign) => go("campaigns", campaign.id);

function NewCampaign({ onClose }) {
  const [segments, setSegments] = useState(null);
  const [templates, setTemplates] = useState([]);
  const wrong = useWrong(["title", "template", "segment_id", "rate_per_minute"]);
  const [isBusy, create] = useOnce(createCampaign, wrong);
  useEffect(() => {
    listSegments().then((page) => setSegments(page.items)).catch(tellFailure);
    listTemplates().then((found) => setTemplates(found.items.filter((one) => one.purpose === "marketing"))).catch(tellFailure);
  }, []);
  async function submit(event) {
    event.preventDefault();
    const form = new FormData(event.target);
    const body = { title: form.get("title"), template: form.get("template"), segment_id: Number(form.get("segment")), rate_per_minute: Number(form.get("rate")) };
    const made = await create(body);
    if (made) open(made);
  }
  return html`
    <${Dialog} title=${t("new_campaign")} onClose=${onClose}>
      <form onSubmit=${submit}>
        <label class="field"><span>${t("campaign_title")}</span><input name="title" required maxlength="120" data-testid="campaign-title" ...${wrong.at("title")} />${wrong.words("title")}</label>
        <label class="field"><span>${t("to_whom")}</span>
          <select name="segment" required data-testid="campaign-segment" ...${wrong.at("segment_id")}>${(segments ?? []).map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}</select>${wrong.words("segment_id")}
          ${segments?.length === 0 && html`<span class="hint">${t("segment_first")}</span>`}
        </label>
        <label class="field"><span>${t("says")}</span><select name="template" required ...${wrong.at("template")}>${templates.map((one) => html`<option key=${one.name} value=${one.name}>${named(one.title)}</option>`)}</select>${wrong.words("template")}</label>
        <label class="field"><span>${t("rate")}</span><input name="rate" type="number" min="1" max="6000" value="60" required ...${wrong.at("rate_per_minute")} />${wrong.words("rate_per_minute")}</label>
        <footer><button type="button" onClick=${onClose}>${t("cancel")}</button><button class="primary" data-testid="campaign-create" disabled=${isBusy}>${t("make_draft")}</button></footer>
      </form>
    <//>
  `;
}

function NewCatastrophe({ onClose }) {
  const [products, setProducts] = useState([]);
  const wrong = useWrong(["title", "areas", "product_types", "rate_per_minute", "surge_hours", "surge_text_zh", "surge_text_en"]);
  const [isBusy, create] = useOnce(createCatastrophe, wrong);
  async function submit(event) {
    event.preventDefault();
    const form = new FormData(event.target);
    const areas = form.get("areas").split(/[,，、;；\s]+/).filter(Boolean);
    const hours = Number(form.get("hours"));
    const body = { title: form.get("title"), areas, product_types: products, rate_per_minute: Number(form.get("rate")), surge_hours: hours || null, surge_text_zh: form.get("zh"), surge_text_en: form.get("en") };
    const made = await create(body);
    if (made) open(made);
  }
  return html`
    <${Dialog} title=${t("new_catastrophe")} onClose=${onClose}>
      <form onSubmit=${submit}>
        <p class="muted">${t("catastrophe_lead")}</p>
        <label class="field"><span>${t("campaign_title")}</span><input name="title" required maxlength="120" data-testid="catastrophe-title" ...${wrong.at("title")} />${wrong.words("title")}</label>
        <label class="field"><span>${t("areas")}</span><input name="areas" required maxlength="300" data-testid="catastrophe-areas" ...${wrong.at("areas")} />${wrong.words("areas")}<span class="hint">${t("areas_hint")}</span></label>
        <${Chips} label=${t("products_hit")} options=${PRODUCTS} value=${products} words="product" onChange=${setProducts} wrong=${wrong.words("product_types")} />
        <label class="field"><span>${t("rate")}</span><input name="rate" type="number" min="1" max="6000" value="600" required ...${wrong.at("rate_per_minute")} />${wrong.words("rate_per_minute")}</label>
        <label class="field"><span>${t("surge_hours")}</span><input name="hours" type="number" min="0" max="1440" value="72" ...${wrong.at("surge_hours")} />${wrong.words("surge_hours")}<span class="hint">${t("surge_hint")}</span></label>
        <label class="field"><span>${t("surge_text_zh")}</span><textarea name="zh" rows="2" maxlength="500" placeholder=${t("usual_text")} ...${wrong.at("surge_text_zh")}></textarea>${wrong.words("surge_text_zh")}</label>
        <label class="field"><span>${t("surge_text_en")}</span><textarea name="en" rows="2" maxlength="500" placeholder=${t("usual_text")} ...${wrong.at("surge_text_en")}></textarea>${wrong.words("surge_text_en")}</label>
        <footer><button type="button" onClick=${onClose}>${t("cancel")}</button><button class="primary" data-testid="catastrophe-create" disabled=${isBusy}>${t("make_draft")}</button></footer>
      </form>
    <//>
  `;
}

function Surges({ items, onChange }) {
  const [asked, setAsked] = useState(null);
  if (!items?.length) return null;
  return html`
    <section class="card notice-surges">
      <h3>${t("surges")}</h3>
      ${items.map(
        (one) => html`
          <div class="toolbar" key=${one.id}>
            <span class="pill bad">${t("surge_open")}</span><strong>${one.title}</strong>
            <span class="muted">${[...one.areas, ...one.product_types.map((type) => t(`product.${type}`))].join(" · ")} · ${t("until", { at: fullTime(one.until) })}</span>
            <span class="space"></span>
            ${may("notices:write") && html`<button class="small" data-testid="surge-close-${one.id}" onClick=${() => setAsked(one)}>${t("close_surge")}</button>`}
          </div>
        `,
      )}
      ${asked && html`
        <${Dialog} title=${t("close_surge_title")} onClose=${() => setAsked(null)}>
          <p>${t("close_surge_lead")}</p>
          <footer class="toolbar"><span class="space"></span><button onClick=${() => setAsked(null)}>${t("cancel")}</button>
          <button class="primary" onClick=${() => closeSurge(asked.id).then(onChange, tellFailure).then(() => setAsked(null))}>${t("close_surge")}</button></footer>
        <//>
      `}
    </section>
  `;
}

export function Campaigns() {
  const [items, setItems] = useState(null);
  const [surges, setSurges] = useState([]);
  const [making, setMaking] = useState("");
  const load = () => {
    listCampaigns().then((page) => setItems(page.items)).catch(tellFailure);
    listSurges().then((page) => setSurges(page.items)).catch(tellFailure);
  };
  useEffect(load, []);
  return html`
    ${may("notices:write") && html`
      <div class="toolbar">
        <button class="primary" data-testid="campaign-new" onClick=${() => setMaking("campaign")}>${t("new_campaign")}</button>
        <button data-testid="catastrophe-new" onClick=${() => setMaking("catastrophe")}>${t("new_catastrophe")}</button>
      </div>
    `}
    <${Surges} items=${surges} onChange=${load} />
    ${items === null && html`<p class="loading muted">${t("loading")}</p>`}
    ${items?.length === 0 && html`<p class="card muted">${t("no_campaigns")}</p>`}
    ${items?.length > 0 && html`
      <div class="table"><table>
        <thead><tr><th>${t("campaign_title")}</th><th>${t("kind_name")}</th><th>${t("state_name")}</th><th class="number">${t("sent_count")}</th><th class="number">${t("made")}</th></tr></thead>
        <tbody>
          ${items.map(
            (one) => html`
              <tr key=${one.id}>
                <td><a class="notice-link" href="#notices/campaigns/${one.id}" data-testid="campaign-${one.id}">${one.title}</a></td>
                <td>${t(`campaign_kind.${one.kind}`)}</td>
                <td><span class="pill ${STATE_MOODS[one.state]}">${t(`campaign_state.${one.state}`)}</span></td>
                <td class="number">${one.progress.find((group) => group.state === "sent")?.count ?? 0}</td>
                <td class="number muted">${dayOf(one.created_at)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table></div>
    `}
    ${making === "campaign" && html`<${NewCampaign} onClose=${() => setMaking("")} />`}
    ${making === "catastrophe" && html`<${NewCatastrophe} onClose=${() => setMaking("")} />`}
  `;
}
