// The list of demo people with a search field.
import { html, useMemo, useState } from "/static/vendor/preact.js";

const digits = (text) => text.replace(/\D/g, "");

function matches(person, query) {
  const words = query.trim().toLowerCase();
  if (!words) return true;
  const names = `${person.name} ${person.latin_name}`.toLowerCase();
  const number = digits(words);
  return names.includes(words) || (number.length > 1 && digits(person.phone).includes(number));
}

export function PeoplePicker({ people, chosen, onPick, t, language }) {
  const [query, setQuery] = useState("");
  const found = useMemo(() => people.filter((person) => matches(person, query)), [people, query]);
  return html`<aside class="people" data-testid="person-picker">
    <h2>${t.people} <small>${found.length}</small></h2>
    <input type="search" data-testid="person-search" placeholder=${t.search} aria-label=${t.search} value=${query}
      onInput=${(event) => setQuery(event.target.value)} />
    <ul>
      ${found.slice(0, 100).map(
        (person) => html`<li key=${person.id}>
          <button type="button" class=${person.id === chosen?.id ? "active" : ""} data-testid="person" data-person=${person.id}
            data-phone=${person.phone} aria-pressed=${person.id === chosen?.id} onClick=${() => onPick(person)}>
            <span class="initial" aria-hidden="true">${person.name.slice(0, 1)}</span>
            <span><b>${language === "en" ? person.latin_name || person.name : person.name}</b><small>${person.phone}</small></span>
            <i class="app-icon ${person.phone.startsWith("+86") ? "wechat" : "sms"}" aria-hidden="true"></i>
          </button>
        </li>`,
      )}
      ${people.length > 0 && found.length === 0 && html`<li class="none">${t.none}</li>`}
      ${people.length === 0 && html`<li class="none">${t.noPeople}</li>`}
    </ul>
  </aside>`;
}
