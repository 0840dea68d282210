// One campaign: who gets it (dry run), start, progress, stop.
import { html, useEffect, useState } from "/static/vendor/preact.js";
import { fullTime } from "/static/console/format.js";
import { tell } from "/static/console/toasts.js";
import { STATE_MOODS } from "/static/console/sections/notices/campaigns.js";
import { dryRun, go, listAudience, may, readCampaign, startCampaign, stopCampaign, t, tellFailure } from "/static/console/sections/notices/calls.js";
import { Confirm } from "/static/console/sections/notices/confirm.js";
import { Intent } from "/static/console/sections/notices/intent.js";
import { MOODS, reason } from "/static/console/sections/notices/list.js";

const passed = (entry) => {
  const [channel, why] = entry.split(": ");
  return `${t(`channel.${channel}`)}：${reason(why)}`;
};

function People({ items }) {
  return html`
    <div class="table"><table>
      <thead><tr><th>${t("customer")}</th><th>${t("channel_name")}</th><th>${t("why")}</th></tr></thead>
      <tbody>
        ${items.map(
          (one) => html`
            <tr key=${one.customer_id}>
              <td>${one.name}</td>
              <td>${one.channel ? html`<span class="pill good">${t(`channel.${one.channel}`)}</span>` : html`<span class="pill plain">${t("not_sent")}</span>`} ${one.is_discreet && html`<span class="pill plain">${t("discreet")}</span>`}</td>
              <td>${reason(one.reason)}<div class="muted">${one.passed_over.map(passed).join("；")}</div></td>
            </tr>
          `,
        )}
      </tbody>
    </table></div>
  `;
}

function Everybody({ id }) {
  const [shown, setShown] = useState({ items: [], next: undefined });
  async function more() {
    const page = await listAudience(id, shown.next);
    setShown({ items: [...shown.items, ...page.items], next: page.next });
  }
  return html`
    ${shown.items.length > 0 && html`<${People} items=${shown.items} />`}
    ${shown.next !== null && html`<button class="small" data-testid="audience" onClick=${() => more().catch(tellFailure)}>${t(shown.items.length ? "more" : "everybody")}</button>`}
  `;
}

function DryRun({ result, id }) {
  const [isWhole, setIsWhole] = useState(false);
  return html`
    <section class="card" data-testid="dry-run">
      <h3>${t("dry_run")}</h3>
      <div class="notice-figures">
        <div class="figure"><strong>${result.reached}</strong><span>${t("would_get")}</span></div>
        <div class="figure"><strong>${result.looked_at - result.reached}</strong><span>${t("would_not")}</span></div>
        <div class="figure"><strong>${result.total}</strong><span>${t("in_segment")}</span></div>
      </div>
      ${result.looked_at < result.total && html`<p class="pill warn">${t("looked_at", { n: result.looked_at })}</p>`}
      <ul class="notice-groups">
        ${result.groups.map((one) => html`<li key=${`${one.channel}${one.reason}`}><span class="pill ${one.channel ? "good" : "plain"}">${one.channel ? t(`channel.${one.channel}`) : t("not_sent")}</span> ${reason(one.reason)} <strong>${one.count}</strong></li>`)}
      </ul>
      ${!isWhole && html`<${People} items=${result.sample} /><button class="small" data-testid="audience-all" onClick=${() => setIsWhole(true)}>${t("one_by_one")}</button>`}
      ${isWhole && html`<${Everybody} id=${id} />`}
    </section>
  `;
}

function Progress({ campaign }) {
  const total = campaign.progress.reduce((sum, one) => sum + one.count, 0);
  const open = campaign.progress.filter((one) => ["held", "planned", "queued"].includes(one.state)).reduce((sum, one) => sum + one.count, 0);
  if (!total) return null;
  return html`
    <section class="card" data-testid="campaign-progress">
      <h3>${t("progress")}</h3>
      <progress max=${total} value=${total - open} aria-label=${t("progress")}></progress>
      <p class="muted">${t("progress_of", { done: total - open, total })}</p>
      <ul class="notice-groups">${campaign.progress.map((one) => html`<li key=${one.state}><span class="pill ${MOODS[one.state]}">${t(`state.${one.state}`)}</span> <strong>${one.count}</strong></li>`)}</ul>
    </section>
  `;
}

export function Campaign({ id }) {
  const [campaign, setCampaign] = useState(null);
  const [result, setResult] = useState(null);
  const [asking, setAsking] = useState("");
  const isRunning = campaign?.state === "running";
  useEffect(() => {
    const load = () => readCampaign(id).then(setCampaign).catch(tellFailure);
    load();
    const timer = isRunning ? setInterval(load, 2000) : null;
    return () => clearInterval(timer);
  }, [id, isRunning]);
  if (!campaign) return html`<p class="loading muted">${t("loading")}</p>`;
  const act = (call, done) => call.then((now) => { setCampaign(now); tell(done); }).catch(tellFailure).finally(() => setAsking(""));
  async function tryDry() {
    try {
      setResult(await dryRun(id));
      setCampaign(await readCampaign(id));
    } catch (problem) {
      tellFailure(problem);
    }
  }
  const mayWrite = may("notices:write");
  return html`
    <section class="card">
      <div class="toolbar">
        <button class="quiet small" onClick=${() => go("campaigns")}>‹ ${t("back")}</button>
        <h3 class="notice-title">${campaign.title}</h3>
        <span class="pill ${STATE_MOODS[campaign.state]}" data-testid="campaign-state">${t(`campaign_state.${campaign.state}`)}</span>
        <span class="space"></span>
        ${mayWrite && campaign.state === "draft" && html`<button data-testid="campaign-dry-run" onClick=${tryDry}>${t("do_dry_run")}</button>`}
        ${mayWrite && campaign.state === "draft" && html`<button class="primary" data-testid="campaign-start" disabled=${!campaign.is_dry_run} title=${campaign.is_dry_run ? "" : t("dry_run_first")} onClick=${() => setAsking("start")}>${t("start")}</button>`}
        ${mayWrite && isRunning && html`<button class="notice-stop" data-testid="campaign-stop" onClick=${() => setAsking("stop")}>${t("stop")}</button>`}
      </div>
      <p class="muted">
        ${t(`campaign_kind.${campaign.kind}`)} · ${t("rate_is", { n: campaign.rate_per_minute })}
        ${campaign.started_at && html` · ${t("started", { at: fullTime(campaign.started_at) })}`}
        ${campaign.surge && html` · ${t("opens_surge", { at: fullTime(campaign.surge.until) })}`}
      </p>
      ${campaign.state === "draft" && !campaign.is_dry_run && html`<p class="pill warn">${t("dry_run_first")}</p>`}
    </section>
    <${Progress} campaign=${campaign} />
    ${result && campaign.state === "draft" && html`<${DryRun} result=${result} id=${id} />`}
    <${Intent} campaign=${campaign} />
    ${asking === "start" && html`<${Confirm} title=${t("start_title", { title: campaign.title })} lead=${result ? t("start_lead", { n: result.reached }) : t("start_lead_before")} act=${t("start")} onYes=${() => act(startCampaign(id, campaign.version), t("has_started"))} onClose=${() => setAsking("")} />`}
    ${asking === "stop" && html`<${Confirm} title=${t("stop_title")} lead=${t("stop_lead")} act=${t("stop")} onYes=${() => act(stopCampaign(id), t("has_stopped"))} onClose=${() => setAsking("")} />`}
  `;
}
