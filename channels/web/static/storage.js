// What the browser remembers.

const memory = new Map();
const YEAR = 31_536_000;

// Storage of this tab alone.
export const tab = () => sessionStorage;

/** Keep a value, or forget it when it is null. */
export function keep(key, value, storage = () => localStorage) {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    memory.set(key, value);
    if (storage !== tab) keepCookie(key, value);
  }
}

export function kept(key, storage = () => localStorage) {
  try {
    return storage().getItem(key);
  } catch {
    return memory.get(key) ?? (storage === tab ? null : keptCookie(key));
  }
}

// In a frame a browser may forbid storage, but allow a cookie that only this site's frames of ours share. The server
// reads no cookie of the chat; without one the chat lives as long as the page.
function keepCookie(key, value) {
  const age = value === null ? 0 : YEAR;
  document.cookie = `${key}=${encodeURIComponent(value ?? "")}; Max-Age=${age}; Path=/; SameSite=None; Secure; Partitioned`;
}

function keptCookie(key) {
  const found = document.cookie.split("; ").find((cookie) => cookie.startsWith(`${key}=`));
  return found ? decodeURIComponent(found.slice(key.length + 1)) : null;
}
