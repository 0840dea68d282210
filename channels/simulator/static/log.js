// The raw HTTP of this phone, decrypted, newest first.
import { html } from "/static/vendor/preact.js";

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text.replaceAll("><", ">\n<");
  }
}

function path(url) {
  return url.replace(/^https?:\/\/[^/]+/, "").split("?")[0];
}

function requestText(entry) {
  const headers = Object.entries(entry.headers).map(([name, value]) => `${name}: ${value}`);
  return [entry.url, ...headers, "", pretty(entry.request)].join("\n");
}

export function HttpLog({ entries, t }) {
  return html`<aside class="log">
    <h2>${t.log} <small>${t.logHint}</small></h2>
    <ol>
      ${[...entries].reverse().map(
        (entry) => html`<li key=${entry.seq}>
          <details>
            <summary>
              <span class="direction ${entry.direction}">${entry.direction === "webhook" ? t.webhook : t.api}</span>
              <code>${entry.method} ${path(entry.url)}</code>
              <span class=${entry.status >= 200 && entry.status < 300 ? "ok" : "bad"}>${entry.status ?? "×"}</span>
            </summary>
            <pre>${requestText(entry)}</pre>
            ${entry.response && html`<pre>${pretty(entry.response)}</pre>`}
          </details>
        </li>`,
      )}
    </ol>
  </aside>`;
}
