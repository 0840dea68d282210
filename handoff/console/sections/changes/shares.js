// The beneficiaries that a customer's wish amounts to.
import { html, useEffect } from "/static/vendor/preact.js";

const RELATIONS = ["spouse", "son", "daughter", "father", "mother", "sibling", "other"];
const EMPTY = { name: "", relationship: "spouse", share_percent: "100" };

export function Shares({ t, shares, onChange }) {
  useEffect(() => { if (!shares.length) onChange([EMPTY]); }, []);
  const set = (place, name) => (event) => onChange(shares.map((one, index) => (index === place ? { ...one, [name]: event.target.value } : one)));
  return html`
    <div class="changes-shares">
      <p>${t("shares")}</p>
      ${shares.map((one, place) => html`
        <div class="toolbar" key=${place}>
          <input aria-label=${t("name")} placeholder=${t("name")} maxlength="100" value=${one.name} onInput=${set(place, "name")} />
          <select aria-label=${t("line.beneficiary")} value=${one.relationship} onChange=${set(place, "relationship")}>${RELATIONS.map((relation) => html`<option value=${relation}>${t(`relation.${relation}`)}</option>`)}</select>
          <input type="number" min="0.01" max="100" step="0.01" aria-label=${t("share")} value=${one.share_percent} onInput=${set(place, "share_percent")} />
        </div>`)}
      <button class="small quiet" onClick=${() => onChange([...shares, { ...EMPTY, share_percent: "" }])}>${t("add")}</button>
    </div>
  `;
}
