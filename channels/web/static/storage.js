// What the browser remembers.

// A browser may forbid storage, in a frame for one: the chat then lives as long as the page.
const memory = new Map();
export function keep(key, value, storage = () => localStorage) {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    memory.set(key, value);
  }
}
export function kept(key, storage = () => localStorage) {
  try {
    return storage().getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

// Storage of this tab alone.
export const tab = () => sessionStorage;
