// What a campaign says, and to whom: its words in every language, its segment, its conditions, and how many they are.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { named } from "/static/console/texts.js";
import { may, previewSegment, readSegment, readTemplate, t, tellFailure } from "/static/console/sections/notices/calls.js";
import { ConditionsShown } from "/static/console/sections/notices/conditions.js";
import { Preview } from "/static/console/sections/notices/templates.js";

const ENDED = ["stopped", "done"];

/** What `read` answers for `key`; null until then, and when there is nothing to ask. */
function useAnswer(read, key) {
  const [answer, setAnswer] = useState(null);
  useEffect(() => {
    let isCurrent = true;
    if (key !== null) read().then((found) => isCurrent && setAnswer(found)).catch((problem) => problem.status === 404 || tellFailure(problem));
    return () => (isCurrent = false);
  }, [key]);
  return answer;
}

/** How many: those of the start, once it has started; before it those who fit now. */
function HowMany({ campaign }) {
  const fixed = campaign.progress.reduce((sum, one) => sum + one.count, 0);
  const isOpen = campaign.state === "draft" && may("segments:read") && may("customers:read");
  const now = useAnswer(() => previewSegment(campaign.filter), isOpen ? `${campaign.id}:${campaign.version}` : null);
  if (campaign.started_at) return html`<p data-testid="campaign-count">${t("count_fixed", { n: fixed })}</p>`;
  return now && html`<p data-testid="campaign-count">${t("count_now", { n: now.count, of: now.of })}</p>`;
}

function ToWhom({ campaign }) {
  const { segment_id: id } = campaign;
  const segment = useAnswer(() => readSegment(id), id && may("segments:read") ? id : null);
  return html`
    <section class="card" data-testid="campaign-whom">
      <h3>${t("whom")}</h3>
      ${segment && html`<p>${t("whom_segment")} <a class="notice-link" href="#notices/segments/${id}"><strong>${segment.name}</strong></a></p>`}
      <${HowMany} campaign=${campaign} />
      <${ConditionsShown} filter=${campaign.filter} />
      ${segment && html`<p class="muted">${t("whom_fixed")}</p>`}
    </section>
  `;
}

function SurgeWords({ surge }) {
  return html`
    <h4>${t("surges")}</h4>
    <div class="notice-previews">
      ${[["surge_text_zh", surge.text_zh, "zh-Hans"], ["surge_text_en", surge.text_en, "en"]].map(
        ([label, text, lang]) => html`<figure key=${label}><figcaption>${t(label)}</figcaption><p class="notice-said" lang=${lang}>${text}</p></figure>`,
      )}
    </div>
  `;
}

function Said({ campaign }) {
  const template = useAnswer(() => readTemplate(campaign.template), campaign.template);
  return html`
    <section class="card" data-testid="campaign-words">
      <h3>${t("says_what")}</h3>
      ${template && html`
        <p><a class="notice-link" href="#notices/templates/${template.name}"><strong>${named(template.title)}</strong></a> <span class="pill plain">${t(`purpose.${template.purpose}`)}</span></p>
        <p class="muted">${t(ENDED.includes(campaign.state) ? "words_then" : "words_now")}</p>
        <${Preview} name=${template.name} wording=${template} />`}
      ${campaign.surge && html`<${SurgeWords} surge=${campaign.surge} />`}
    </section>
  `;
}

export const Intent = ({ campaign }) => html`<${ToWhom} campaign=${campaign} /><${Said} campaign=${campaign} />`;
