// Saved segments, and the builder for one of them.
import { html, useEffect, useRef, useState } from "/static/vendor/preact.js";
import { dayOf } from "/static/console/format.js";
import { Dialog } from "/static/console/resolve.js";
import { useLeaveGuard } from "/static/console/sections.js";
import { tell } from "/static/console/toasts.js";
import { useWrong } from "/static/console/wrong.js";
import { Builder, CONDITIONS, filterOf } from "/static/console/sections/notices/builder.js";
import { archiveSegment, createSegment, go, listSegments, may, saveSegment, t, tellFailure } from "/static/console/sections/notices/calls.js";
import { useOnce } from "/static/console/sections/notices/once.js";

function Edit({ segment, onSaved }) {
  const [value, setValue] = useState({ include: segment.filter?.include ?? {}, exclude: segment.filter?.exclude ?? null });
  const [name, setName] = useState(segment.name ?? "");
  const [isAsking, setIsAsking] = useState(false);
  const wrong = useWrong(["name", "description", ...CONDITIONS], { name_taken: "name" });
  const beginning = useRef(JSON.stringify([name, filterOf(value)]));
  const mayGo = useLeaveGuard(JSON.stringify([name, filterOf(value)]) !== beginning.current);
  const [isBusy, write] = useOnce((body, key) => (segment.id ? saveSegment(segment.id, { ...body, version: segment.version }) : createSegment(body, key)), wrong);
  async function save(event) {
    event.preventDefault();
    const body = { name, filter: filterOf(value), description: segment.description ?? "" };
    if (!(await write(body))) return;
    tell(t("segment_saved"));
    mayGo();
    onSaved();
  }
  async function archive() {
    await archiveSegment(segment.id).then(() => (mayGo(), onSaved()), tellFailure);
  }
  return html`
    <form onSubmit=${save}>
      <${Builder} value=${value} onChange=${setValue} wrong=${wrong}>
        <div class="notice-name">
          <label class="field"><span>${t("segment_name")}</span><input required maxlength="80" value=${name} data-testid="segment-name" onInput=${(event) => setName(event.target.value)} ...${wrong.at("name")} />${wrong.words("name")}</label>
          ${may("segments:write") && html`<button class="primary" data-testid="segment-save" disabled=${isBusy}>${t("save")}</button>`}
          ${segment.id && may("segments:write") && html`<button type="button" onClick=${() => setIsAsking(true)}>${t("archive")}</button>`}
          <button type="button" class="quiet" onClick=${() => go("segments")}>${t("back")}</button>
        </div>
      <//>
      ${isAsking && html`
        <${Dialog} title=${t("archive_title", { name: segment.name })} onClose=${() => setIsAsking(false)}>
          <p>${t("archive_lead")}</p>
          <footer class="toolbar"><span class="space"></span><button type="button" onClick=${() => setIsAsking(false)}>${t("cancel")}</button><button type="button" class="primary" onClick=${archive}>${t("archive")}</button></footer>
        <//>
      `}
    </form>
  `;
}

export function Segments({ chosen }) {
  const [items, setItems] = useState(null);
  const load = () => listSegments().then((page) => setItems(page.items)).catch(tellFailure);
  useEffect(() => void load(), []);
  if (!items) return html`<p class="loading muted">${t("loading")}</p>`;
  const current = chosen === "new" ? {} : items.find((one) => String(one.id) === chosen);
  if (current) return html`<${Edit} key=${chosen} segment=${current} onSaved=${() => load().then(() => go("segments"))} />`;
  return html`
    <div class="toolbar">
      ${may("segments:write") && html`<button class="primary" data-testid="segment-new" onClick=${() => go("segments", "new")}>${t("new_segment")}</button>`}
    </div>
    ${items.length === 0 && html`<p class="card muted">${t("no_segments")}</p>`}
    ${items.length > 0 && html`
      <div class="table"><table>
        <thead><tr><th>${t("segment_name")}</th><th>${t("description")}</th><th class="number">${t("changed")}</th></tr></thead>
        <tbody>
          ${items.map((one) => html`<tr key=${one.id}><td><a class="notice-link" href="#notices/segments/${one.id}" data-testid="segment-${one.id}">${one.name}</a></td><td>${one.description}</td><td class="number muted">${dayOf(one.changed_at)}</td></tr>`)}
        </tbody>
      </table></div>
    `}
  `;
}
