/** Reading from the API: the envelope, exact numbers, and nothing twice thanks to ETags. */

import { parse } from "app/core/json.js";

/** @type {Map<string, string>} */
const etags = new Map();

export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} requestId
   */
  constructor(status, code, requestId) {
    super(`${status} ${code}`);
    this.status = status;
    this.requestId = requestId;
  }
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
  const response = await fetch(path, { headers, credentials: "same-origin" });
  if (response.status === 304) return null;
  const body = parse(await response.text());
  if (!response.ok) throw new ApiError(response.status, body?.error?.code ?? "", body?.error?.request_id ?? "");
  const etag = response.headers.get("ETag");
  if (etag) etags.set(path, etag);
  return body.data;
}

/**
 * Run `work` now and at most once per `pause` milliseconds after that; calls in between become one.
 * A failing run is left to the next call: the last good data stays.
 * @param {() => Promise<void>} work
 * @param {number} pause
 * @param {(error: unknown) => void} [failed]
 */
export function coalesced(work, pause, failed = () => {}) {
  let busy = false;
  let again = false;
  const run = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    again = false;
    const started = performance.now();
    try {
      await work();
    } catch (error) {
      failed(error);
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
