/** The API: the envelope, exact numbers, nothing read twice thanks to ETags, and writes with the page's CSRF token. */

import { noteAge } from "app/core/freshness.js";
import { parse } from "app/core/json.js";

/** @type {Map<string, string>} */
const etags = new Map();

export class ApiError extends Error {
  /**
   * @param {number} status 0 where nobody answered
   * @param {{code?: string, message?: string, fields?: {[name: string]: string[]}, request_id?: string}} [error] of the envelope
   */
  constructor(status, error = {}) {
    super(error.message ?? `${status}`);
    this.status = status;
    this.code = error.code ?? "";
    this.fields = error.fields ?? {};
    this.requestId = error.request_id ?? "";
  }
}

/**
 * The address of `path` in the page's account.
 * @param {string} path
 */
export const address = (path) => `/api/${path}?account=${encodeURIComponent(document.body.dataset.account ?? "")}`;

function csrfToken() {
  return /** @type {HTMLInputElement | null} */ (document.querySelector("[name=csrfmiddlewaretoken]"))?.value ?? "";
}

/**
 * Send a file as it is, telling how much of it has left, and return the `data` of the answer.
 * @param {string} path
 * @param {Blob} file
 * @param {{progress: (share: number) => void, signal: AbortSignal}} options
 * @returns {Promise<any>}
 */
export function upload(path, file, { progress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 1);
    request.onload = () => {
      let answer = null;
      try {
        answer = parse(request.responseText || "null");
      } catch {} // what a proxy says is no envelope
      if (request.status >= 200 && request.status < 300) resolve(answer?.data);
      else reject(new ApiError(request.status, answer?.error));
    };
    request.onerror = () => reject(new TypeError("no answer"));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/**
 * Write, and return the `data` of the answer; null where the service worker keeps it until the server answers again.
 * @param {"POST" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {any} [body] JSON text is sent as it is: its numbers keep their digits
 * @param {{keepalive?: boolean}} [how] `keepalive`: also when the page is left meanwhile
 */
export async function send(method, path, body, { keepalive = false } = {}) {
  const headers = new Headers({ Accept: "application/json", "X-CSRFToken": csrfToken() });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(path, { method, headers, body: text, credentials: "same-origin", keepalive });
  const answer = parse((await response.text()) || "null");
  if (!response.ok) throw new ApiError(response.status, answer?.error);
  return answer?.data;
}

/**
 * The `data` of an answer; `null` if it is the one this page has already read.
 * @param {string} path
 * @param {{fresh?: boolean}} [options] `fresh` asks for the answer even if it is unchanged
 */
export async function read(path, { fresh = false } = {}) {
  const headers = new Headers({ Accept: "application/json" });
  const known = etags.get(path);
  if (known && !fresh) headers.set("If-None-Match", known);
  const response = await fetch(path, { headers, credentials: "same-origin" }).catch(() => {
    throw new ApiError(0, { message: "" });
  });
  noteAge(path, response);
  if (response.status === 304) return null;
  const body = parse(await response.text());
  if (!response.ok) throw new ApiError(response.status, body?.error);
  const etag = response.headers.get("ETag");
  if (etag) etags.set(path, etag);
  return body.data;
}

const [SHORTEST, LONGEST] = [2000, 60_000];

/** Whether it is worth asking again. @param {unknown} error */
const passes = (error) => error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.status === 429);

/**
 * Run `work` now and at most once per `pause` milliseconds after that; calls in between become one.
 * The last good data stays when a run fails. Where nobody answered, it is run again by itself, later each time: without that, what
 * happened while the network was away would be missing until something else happens.
 * @param {() => Promise<void>} work
 * @param {number} pause
 * @param {(error: unknown) => void} [failed]
 */
export function coalesced(work, pause, failed = () => {}) {
  let busy = false;
  let again = false;
  let patience = 0;
  /** @type {any} */
  let later = null;
  const run = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    again = false;
    clearTimeout(later);
    const started = performance.now();
    try {
      await work();
      patience = 0;
    } catch (error) {
      failed(error);
      if (!(error instanceof ApiError)) globalThis.reportError?.(error); // a mistake of ours is not to pass unseen
      patience = passes(error) ? Math.min(LONGEST, patience * 2 || SHORTEST) : 0;
      if (patience) later = setTimeout(run, patience);
    }
    setTimeout(
      () => {
        busy = false;
        if (again) run();
      },
      Math.max(0, pause - (performance.now() - started)),
    );
  };
  return run;
}
