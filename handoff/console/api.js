// One way to the API: JSON in, JSON out, failures as `Problem` with a stable code.

export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail ?? "");
    this.status = status;
    this.code = body.code ?? (status ? "internal_error" : "offline");
    this.retryAfter = body.retry_after;
    const { field, rule, limit } = body;
    this.errors = body.errors ?? (field ? [{ field, rule, limit, error: this.message }] : []);
  }

  /** Whether the same request may succeed later. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

let onSignedOut = () => {};

/** `callback` is called when the session turns out to have ended. */
export function whenSignedOut(callback) {
  onSignedOut = callback;
}

async function call(method, path, body, key) {
  const request = { method, credentials: "same-origin", signal: AbortSignal.timeout(20000) };
  if (body !== undefined) {
    request.headers = { "Content-Type": "application/json", ...(key ? { "Idempotency-Key": key } : {}) };
    request.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(`/api/v1${path}`, request);
  } catch {
    throw new Problem(0);
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => null);
  if (response.ok && answer === null) throw new Problem(0); // the connection broke in the middle of the answer
  if (response.ok) return answer;
  if (response.status === 401 && !path.startsWith("/auth/")) onSignedOut();
  throw new Problem(response.status, answer ?? {});
}

export const get = (path) => call("GET", path);
/** `key`, from `newKey`, is needed where the API asks for an Idempotency-Key. */
export const post = (path, body = {}, key = undefined) => call("POST", path, body, key);
export const put = (path, body) => call("PUT", path, body);
export const patch = (path, body, key = undefined) => call("PATCH", path, body, key);
export const remove = (path) => call("DELETE", path);

/** A key under which the server does a thing once, however often it is asked. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send a form with a file; `onProgress` hears how much of it is sent, 0 to 1. */
export function upload(path, form, { key, onProgress } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1${path}`);
    request.responseType = "json";
    if (key) request.setRequestHeader("Idempotency-Key", key);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress?.(event.loaded / event.total));
    request.addEventListener("error", () => reject(new Problem(0)));
    request.addEventListener("load", () => {
      if (request.status < 300 && request.response !== null) return resolve(request.response);
      if (request.status === 401) onSignedOut();
      return reject(new Problem(request.status, request.response ?? {}));
    });
    request.send(form);
  });
}
