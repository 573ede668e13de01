/**
 * What is written without a connection and may wait: annotations, notes and tags of trades, acknowledged alerts. Nothing
 * that trades, no key, no setting. It is sent once the server answers again, each exactly once thanks to its
 * Idempotency-Key; what the server refuses then is kept apart until the person has seen it.
 */

/** @typedef {{id: string, whose: string, kind: string, text: string, at: number, why?: string}} Waiting */

const MAY_WAIT = [
  { kind: "annotation", method: "POST", path: /^\/api\/annotations$/ },
  { kind: "annotation", method: "PATCH", path: /^\/api\/annotations\/\d+$/ },
  { kind: "annotation", method: "DELETE", path: /^\/api\/annotations\/\d+$/ },
  { kind: "note", method: "PATCH", path: /^\/api\/trades\/\d+$/ },
  { kind: "alert", method: "POST", path: /^\/api\/alerts\/\d+\/acknowledge$/ },
];
const MOST = 100;
const EXCERPT = 80;
const WEEK = 7 * 24 * 60; // minutes
const SIGNED_OUT = 401;
const LATER = [409, 429];

const { Queue } = workbox.backgroundSync;

const waiting = new Queue("botv2", {
  maxRetentionTime: WEEK,
  onSync: async () => {
    if (!(await sendQueued())) throw new Error("not all could be sent"); // the browser tries again
  },
});
const refused = new Queue("botv2-refused", { maxRetentionTime: WEEK, onSync: async () => {} });

/** @param {any} queue @returns {Promise<{request: Request, metadata: Waiting}[]>} */
const entriesOf = (queue) => queue.getAll();

/** What the person sees of it. */
async function queued() {
  const whose = await owner();
  const [waits, gone] = await Promise.all([waiting, refused].map(entriesOf));
  const mine = (/** @type {{metadata: Waiting}[]} */ entries) => entries.map(({ metadata }) => metadata).filter((each) => each.whose === whose);
  return { waiting: mine(waits), refused: mine(gone) };
}

/** Throw entries away. @param {(entry: Waiting) => boolean} which */
async function dropQueued(which) {
  for (const queue of [waiting, refused]) {
    for (let left = await queue.size(); left > 0; left -= 1) {
      const entry = await queue.shiftRequest();
      if (entry && !which(entry.metadata)) await queue.pushRequest(entry);
    }
  }
  await tell({ type: "QUEUE" });
}

/** @param {any} message to every open page */
async function tell(message) {
  const pages = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  const { waiting: waits, refused: gone } = await queued();
  for (const each of pages) each.postMessage({ ...message, waiting: waits, refused: gone });
}

/**
 * The same request with a key, by which the server knows it again.
 * @param {Request} request
 * @param {string} key
 * @param {ArrayBuffer} body
 */
function keyed(request, key, body) {
  const found = new Headers(request.headers);
  if (!found.has("Idempotency-Key")) found.set("Idempotency-Key", key);
  const { method, url } = request;
  return new Request(url, { method, headers: found, body: body.byteLength ? body : undefined, credentials: "same-origin", mode: "same-origin" });
}

/** A few words of what was written. @param {ArrayBuffer} body */
function excerpt(body) {
  try {
    const { text, notes, user_tags: tags } = JSON.parse(new TextDecoder().decode(body));
    return String(text ?? (notes || tags?.join(", ")) ?? "").slice(0, EXCERPT);
  } catch {
    return "";
  }
}

/** @param {Request} request @param {string} kind */
async function write(request, kind) {
  const whose = await owner();
  if (!whose) return fetch(request);
  const id = crypto.randomUUID();
  const body = await request.arrayBuffer();
  const sent = keyed(request, id, body);
  // What was written before goes first: an older note must not come after a newer one.
  if ((await waiting.size()) === 0 || (await sendQueued())) {
    try {
      const response = await fetch(sent.clone());
      if (!UNREACHED.includes(response.status)) return response;
    } catch {} // it waits
  }
  if ((await waiting.size()) >= MOST) return Response.error();
  await waiting.pushRequest({ request: sent, metadata: { id, whose, kind, text: excerpt(body), at: Date.now() } });
  await tell({ type: "QUEUED" });
  return new Response(JSON.stringify({ success: true, data: null }), { status: 202, headers: { "Content-Type": "application/json" } });
}

/** @type {Promise<boolean> | null} */
let sending = null;

/** Send what waits, oldest first; whether nothing is left. */
function sendQueued() {
  sending ??= sendAll().finally(() => (sending = null));
  return sending;
}

async function sendAll() {
  const whose = await owner();
  let sent = 0;
  let more = 0;
  let left = false;
  let signedOut = false;
  for (;;) {
    // It stays in the queue until it is answered: whoever is killed meanwhile sends it again under its key.
    const [next] = await entriesOf(waiting);
    if (!next) break;
    if (next.metadata.whose !== whose) {
      left = signedOut = true;
      break;
    }
    const response = await send(next.request.clone()).catch(() => null);
    const verdict = response ? await judge(response) : "later";
    signedOut = verdict === "signed-out";
    if (verdict === "later" || signedOut) {
      left = true;
      break;
    }
    if (verdict === "done") sent += 1;
    else {
      more += 1;
      await refused.pushRequest({ ...next, metadata: { ...next.metadata, why: verdict } });
    }
    await waiting.shiftRequest();
  }
  if (sent || more || signedOut) await tell({ type: "SENT", sent, more, signedOut });
  return !left;
}

/** With the CSRF token of now: the one it was written with ended with its session. @param {Request} request */
async function send(request) {
  const found = new Headers(request.headers);
  const token = await cookie(cookies.csrf);
  if (token) found.set("X-CSRFToken", token);
  return fetch(new Request(request, { headers: found }));
}

/**
 * What became of it: done, later, signed-out, or why it was refused.
 * @param {Response} response
 */
async function judge(response) {
  const { status } = response;
  if (response.ok) return "done";
  if (status === SIGNED_OUT) return "signed-out";
  if (status >= 500 || LATER.includes(status)) return "later";
  const { error } = await response.json().catch(() => ({ error: {} }));
  if (error?.code === "csrf_failed") return "signed-out";
  return Object.values(error?.fields ?? {}).flat().join(" ") || error?.message || `${status}`;
}

function keepWrites() {
  for (const { kind, method, path } of MAY_WAIT) {
    const fits = (/** @type {Asked} */ { url, sameOrigin }) => sameOrigin && path.test(url.pathname);
    workbox.routing.registerRoute(fits, (/** @type {Asked} */ { request }) => write(request, kind), method);
  }
}
