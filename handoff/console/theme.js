// Light, dark, or as the system says.
import { signal } from "/static/vendor/preact.js";

const STORED = "anda.console.theme";
const ORDER = ["auto", "light", "dark"];

export const theme = signal(localStorage.getItem(STORED) ?? "auto");

function apply() {
  document.documentElement.dataset.theme = theme.value;
}

export function nextTheme() {
  theme.value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length];
  localStorage.setItem(STORED, theme.value);
  apply();
}

apply();
