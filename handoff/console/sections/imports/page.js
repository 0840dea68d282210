// Imports: choose, drop a file, watch it, read what was not taken.
import { html, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { get, newKey, post, upload } from "/static/console/api.js";
import { fullTime } from "/static/console/format.js";
import { Dialog } from "/static/console/resolve.js";
import { language, translator } from "/static/console/texts.js";
import { tell, wordsFor } from "/static/console/toasts.js";
import { texts } from "/static/console/sections/imports/texts.js";

const t = translator(texts);
const KINDS = ["customers", "policies", "claims"];
const MODES = ["all_or_nothing", "keep_good"];
const OPEN = ["queued", "running"];
const MOODS = { done: "good", rejected: "bad", failed: "bad", cancelled: "plain", queued: "plain" };

function tellFailure(problem) {
  if (problem.status === 401) return; // the sign-in page says it
  const words = t(`error.${problem.code}`);
  tell(words === problem.code?.replaceAll("_", " ") ? wordsFor(problem) : words, "bad");
}

function Choices({ chosen, choose }) {
  const set = (name) => (event) => choose({ ...chosen, [name]: event.target.value });
  return html`
    <div class="fields">
      <label class="field"><span>${t("kind_label")}</span>
        <select data-testid="import-kind" value=${chosen.kind} onChange=${set("kind")}>${KINDS.map((one) => html`<option key=${one} value=${one}>${t(`kind.${one}`)}</option>`)}</select>
        <a class="hint" href="/api/v1/imports/template?kind=${chosen.kind}&language=${language.value}" download>${t("template")}</a>
      </label>
      <label class="field"><span>${t("mode_label")}</span>
        <select data-testid="import-mode" value=${chosen.mode} onChange=${set("mode")}>${MODES.map((one) => html`<option key=${one} value=${one}>${t(`mode.${one}`)}</option>`)}</select>
        <small class="hint">${t(`mode_hint.${chosen.mode}`)}</small>
      </label>
      <label class="field"><span>${t("source")}</span><input maxlength="50" pattern="[A-Za-z0-9_\\-]+" value=${chosen.source} onInput=${set("source")} /></label>
    </div>
  `;
}

function Drop({ send, sent }) {
  const [isOver, setOver] = useState(false);
  const dropped = (event) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer.files[0]) send(event.dataTransfer.files[0]);
  };
  const picked = (event) => {
    if (event.target.files[0]) send(event.target.files[0]);
    event.target.value = "";
  };
  return html`
    <label class="import-drop ${isOver ? "over" : ""}" onDragOver=${(event) => (event.preventDefault(), setOver(true))} onDragLeave=${() => setOver(false)} onDrop=${dropped}>
      <input type="file" accept=".csv,.txt,.xlsx" data-testid="import-file" disabled=${sent !== null} onChange=${picked} />
      <strong>${sent !== null ? t("sending", { percent: Math.round(sent * 100) }) : isOver ? t("release") : html`${t("drop")} <span class="import-link">${t("choose")}</span>`}</strong>
      <span class="muted">${t("limit")}</span>
    </label>
  `;
}

function Result({ run }) {
  const report = run.rejected > 0 && html`<a href="/api/v1/imports/${run.id}/report?language=${language.value}" download data-testid="import-report">${t("report")}</a>`;
  if (run.error_text) return html`<p class="import-words">${run.error_text[language.value]}</p>`;
  if (run.state === "rejected") return html`<p class="import-words">${t("rejected_all", { n: run.rejected })} ${report}</p>`;
  return run.rejected > 0 ? html`<p class="import-words">${t("some", { n: run.rejected })} ${report}</p>` : null;
}

function Row({ run, ask }) {
  const isOpen = OPEN.includes(run.state);
  return html`
    <tr data-testid="import-${run.id}">
      <td>
        ${run.file_name}
        ${isOpen && html`<div class="import-bar"><progress max="100" value=${run.percent} aria-label=${t("state.running")}></progress><span>${run.percent}%</span><button class="link" onClick=${() => ask(run)}>${t("cancel")}</button></div>`}
        <${Result} run=${run} />
      </td>
      <td>${t(`kind.${run.kind}`)}</td>
      <td><span class="pill ${MOODS[run.state] ?? ""}" data-testid="import-state">${t(`state.${run.state}`)}</span></td>
      ${["added", "changed", "unchanged", "rejected"].map((one) => html`<td key=${one} class="number">${run[one].toLocaleString()}</td>`)}
      <td class="number muted">${fullTime(run.created_at)}</td>
    </tr>
  `;
}

export function Page() {
  const [runs, setRuns] = useState(null);
  const [chosen, choose] = useState({ kind: "customers", mode: "all_or_nothing", source: "core" });
  const [sent, setSent] = useState(null);
  const [asked, ask] = useState(null);
  const asks = useRef(0);
  /** A list that was asked for before a file was taken must not hide it. */
  const load = () => {
    const turn = ++asks.current;
    return get("/imports?limit=50")
      .then((page) => turn === asks.current && setRuns(page.items))
      .catch(tellFailure);
  };
  useEffect(() => void load(), []);
  const isBusy = runs?.some((run) => OPEN.includes(run.state));
  useEffect(() => {
    if (!isBusy) return undefined;
    const waiting = setTimeout(load, 1000);
    return () => clearTimeout(waiting);
  }, [runs]);
  async function send(file) {
    const form = new FormData();
    for (const [name, value] of Object.entries(chosen)) form.append(name, value);
    form.append("file", file);
    setSent(0);
    try {
      const run = await upload("/imports", form, { key: newKey(), onProgress: setSent });
      asks.current += 1;
      setRuns((known) => [run, ...(known ?? [])]);
    } catch (problem) {
      tellFailure(problem);
    }
    setSent(null);
  }
  const cancel = async () => {
    ask(null);
    await post(`/imports/${asked.id}/cancel`).catch(tellFailure);
    load();
  };
  const columns = ["file", "kind", "state", "added", "changed", "unchanged", "rejected", "at"];
  return html`
    <div class="page imports">
      <header class="page-head"><h2>${t("title")}</h2><p>${t("lead")}</p></header>
      <section class="card"><${Choices} chosen=${chosen} choose=${choose} /><${Drop} send=${send} sent=${sent} /></section>
      <h3>${t("history")}</h3>
      ${runs === null && html`<p class="loading muted">${t("loading")}</p>`}
      ${runs?.length === 0 && html`<div class="card"><h3>${t("none")}</h3><p class="muted">${t("none_hint")}</p></div>`}
      ${runs?.length > 0 &&
      html`<div class="table"><table>
        <thead><tr>${columns.map((one, place) => html`<th key=${one} class=${place > 2 ? "number" : ""}>${t(`column.${one}`)}</th>`)}</tr></thead>
        <tbody>${runs.map((run) => html`<${Row} key=${run.id} run=${run} ask=${ask} />`)}</tbody>
      </table></div>`}
      ${asked &&
      html`<${Dialog} title=${t("cancel_title")} onClose=${() => ask(null)}>
        <form onSubmit=${(event) => (event.preventDefault(), cancel())}>
          <p class="muted">${t(asked.mode === "all_or_nothing" ? "cancel_all" : "cancel_good")}</p>
          <footer><button type="button" onClick=${() => ask(null)}>${t("keep")}</button><button class="primary">${t("cancel")}</button></footer>
        </form>
      <//>`}
    </div>
  `;
}
