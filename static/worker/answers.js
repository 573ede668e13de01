/** What is answered from where: the network first for pages and data, the cache first for files whose name says what they hold. */

const HOUR = 3600;
const DAY = 24 * HOUR;
const LIMITS = {
  pages: { maxEntries: 60, maxAgeSeconds: DAY },
  api: { maxEntries: 200, maxAgeSeconds: HOUR },
  static: { maxEntries: 400, maxAgeSeconds: 7 * DAY },
  images: { maxEntries: 60, maxAgeSeconds: DAY },
};
const PAGE_PATIENCE = 3;
const LONG = 15_000; // milliseconds
const API_PATIENCE = 10; // no answer of the API takes longer than its database, which gives up after five
const HASHED = /[.-][0-9a-f]{12}\.\w+$/;
/** Nobody is there behind the proxy that answers so. */
const UNREACHED = [502, 504];
const MATCH = { ignoreVary: true };

/** @param {keyof LIMITS} kind */
const limited = (kind) => new workbox.expiration.ExpirationPlugin({ ...LIMITS[kind], matchOptions: MATCH, purgeOnQuotaError: true });

/** @param {Response} response @param {Record<string, string>} more */
function headers(response, more) {
  const found = new Headers(response.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) found.delete(name); // the body is neither any more
  for (const [name, value] of Object.entries(more)) found.set(name, value);
  return found;
}

/** When the server said so. @param {Response} response */
const saidAt = (response) => new Date(response.headers.get("Date") ?? Date.now()).toISOString();

/** Notes whom answers are for. */
const listening = {
  /** @param {{response: Response, event: ExtendableEvent}} found */
  async fetchDidSucceed({ response, event }) {
    event.waitUntil(hear(response.headers.get(WHOSE)));
    if (UNREACHED.includes(response.status)) throw new TypeError(`${response.status}`);
    return response;
  },
};

/**
 * Keeps whole answers that are for this person and no secret.
 * @param {string} whose
 * @param {(response: Response) => boolean} [fit]
 */
const forPerson = (whose, fit = () => true) => ({
  /** @param {{response: Response}} found */
  async cacheWillUpdate({ response }) {
    return response.status === 200 && response.headers.get(WHOSE) === whose && fit(response) ? response : null;
  },
});

/** Data that comes out of the cache says since when it is known. */
const stale = {
  /** @param {{cachedResponse?: Response}} found */
  async cachedResponseWillBeUsed({ cachedResponse }) {
    if (!cachedResponse) return null;
    const { status, statusText } = cachedResponse;
    return new Response(cachedResponse.body, { status, statusText, headers: headers(cachedResponse, { [SINCE]: saidAt(cachedResponse) }) });
  },
};

/** So does a page, which also takes on the theme of now. */
const stalePage = {
  /** @param {{cachedResponse?: Response}} found */
  async cachedResponseWillBeUsed({ cachedResponse }) {
    return cachedResponse ? page(cachedResponse, `<body data-stale="${saidAt(cachedResponse)}" `) : null;
  },
};

/** @param {Response} response @param {string} body the tag's beginning */
async function page(response, body = "<body ") {
  const theme = (await cookie(cookies.theme))?.replace(/\W/g, "");
  let text = (await response.text()).replace("<body ", body);
  if (theme) text = text.replace(/data-theme="\w*"/, `data-theme="${theme}"`);
  return new Response(text, { status: response.status, headers: headers(response, {}) });
}

/** A page is the same whatever is shown over it. */
const withoutDialog = {
  /** @param {{request: Request}} asked */
  async cacheKeyWillBeUsed({ request }) {
    const address = new URL(request.url);
    address.searchParams.delete("show");
    address.hash = "";
    return address.href;
  },
};

/** An answer that is still true is as old as the last time that the server said so. @param {string} name of the cache */
const renewed = (name) => ({
  /** @param {{request: Request, response: Response, event: ExtendableEvent}} found */
  async fetchDidSucceed({ request, response, event }) {
    if (response.status === 304) event.waitUntil(renew(name, request.url, response.headers.get("Date")));
    return response;
  },
});

/** @param {string} name @param {string} address @param {string | null} date */
async function renew(name, address, date) {
  if (!date || !(await caches.has(name))) return;
  const cache = await caches.open(name);
  const found = await cache.match(address, MATCH);
  if (found) await cache.put(address, new Response(found.body, { status: 200, headers: headers(found, { Date: date }) }));
}

/** Where a page is neither to be had nor kept. */
const orOffline = {
  /** @param {{request: Request}} asked */
  async handlerDidError({ request }) {
    if (request.mode !== "navigate") return undefined;
    return (await keptInstead(new URL(request.url))) ?? offlinePage();
  },
};

async function offlinePage() {
  const chosen = [await cookie(cookies.language), ...scope.navigator.languages].map((each) => each?.slice(0, 2));
  const language = chosen.find((each) => each && each in scope.BOTV2.offline) ?? Object.keys(scope.BOTV2.offline)[0];
  const found = await workbox.precaching.matchPrecache(scope.BOTV2.offline[language]);
  return found && page(found);
}

/**
 * Some addresses lead on to others, `/` and `/go/trades` to a page of some account: the last one kept of those.
 * @param {URL} asked
 */
async function keptInstead({ href, pathname, search }) {
  const whose = await owner();
  if (!whose || search) return undefined;
  const shortcut = /^\/go\/(\w+)$/.exec(pathname)?.[1].replace("overview", "");
  const wanted = pathname === "/" ? "" : shortcut;
  const fits = (/** @type {string} */ path) => (wanted === undefined ? path === pathname : path.startsWith("/a/") && path.split("/").slice(3).join("/") === wanted);
  const cache = await caches.open(cacheName("pages", whose));
  const found = (await cache.keys()).map((request) => new URL(request.url)).filter((each) => fits(each.pathname) && each.href !== href);
  const last = found.at(-1);
  return last && Response.redirect(last.href);
}

/**
 * One of each kind for each person.
 * @template T
 * @param {(whose: string) => T} make
 */
function perPerson(make) {
  /** @type {Map<string, T>} */
  const made = new Map();
  return (/** @type {string} */ whose) => {
    const found = made.get(whose) ?? make(whose);
    made.set(whose, found);
    return found;
  };
}

const { CacheFirst, NetworkFirst, NetworkOnly, StaleWhileRevalidate } = workbox.strategies;

/** @param {string} whose @param {number} patience seconds; 0 waits for the network however long that takes */
const pages = (whose, patience) => new NetworkFirst({
  cacheName: cacheName("pages", whose),
  networkTimeoutSeconds: patience,
  matchOptions: MATCH,
  plugins: [listening, forPerson(whose), withoutDialog, limited("pages"), stalePage, orOffline],
});
const quickPages = perPerson((whose) => pages(whose, PAGE_PATIENCE));
const patientPages = perPerson((whose) => pages(whose, 0));

/** Until when pages wait for the network: whoever knows that the server answers wants no older page. */
let patientUntil = 0;

function waitForNetwork() {
  patientUntil = Date.now() + LONG;
}

const dataOf = perPerson((whose) => new NetworkFirst({
  cacheName: cacheName("api", whose),
  networkTimeoutSeconds: API_PATIENCE,
  matchOptions: MATCH,
  plugins: [
    listening,
    forPerson(whose, (response) => !response.headers.get("Cache-Control")?.includes("no-store")),
    renewed(cacheName("api", whose)),
    limited("api"),
    stale,
  ],
}));

const notKept = new NetworkOnly({ plugins: [listening, orOffline] });
const onlyWhole = {
  /** @param {{response: Response}} found */
  cacheWillUpdate: async ({ response }) => (response.status === 200 ? response : null),
};
const files = new CacheFirst({ cacheName: cacheName("static"), matchOptions: MATCH, plugins: [onlyWhole, limited("static")] });
const images = new StaleWhileRevalidate({ cacheName: cacheName("images"), matchOptions: MATCH, plugins: [onlyWhole, limited("images")] });

/** @param {(whose: string, request: Request) => any} strategyOf */
const keptFor = (strategyOf) => async (/** @type {any} */ options) => {
  const whose = await owner();
  if (whose) return strategyOf(whose, options.request).handle(options);
  // A page asks to keep what it has loaded before there was a worker: here nothing is kept, so nothing is asked again.
  return options.event.type === "fetch" ? notKept.handle(options) : new Response();
};

/** A page that is loaded shows something soon; one that is there already can wait for what is true. @type {(whose: string, request: Request) => any} */
const pagesOf = (whose, { mode }) => (mode !== "navigate" || Date.now() < patientUntil ? patientPages : quickPages)(whose);

/** What Workbox tells a route. @typedef {{url: URL, request: Request, sameOrigin: boolean}} Asked */

/** @param {URL} url */
const isPage = ({ pathname }) => pathname === "/" || pathname.startsWith("/a/");
/** @param {URL} url */
const isOutside = ({ pathname }) => /^\/(login|sign-in|invite|reset|go)\b/.test(pathname);
/** @param {URL} url @param {Request} request */
const isData = ({ pathname }, { mode }) => mode !== "navigate" && /^\/api\/(?!export\/|schema$|docs$)/.test(pathname);

function answer() {
  /** @param {(asked: Asked) => boolean} fits @param {any} handler */
  const route = (fits, handler) => workbox.routing.registerRoute((/** @type {Asked} */ asked) => asked.sameOrigin && fits(asked), handler);
  route(({ request }) => request.destination === "image", images);
  route(({ url }) => url.pathname.startsWith(scope.BOTV2.static) && HASHED.test(url.pathname), files);
  route(({ url }) => isPage(url), keptFor(pagesOf));
  route(({ url, request }) => isOutside(url) && request.mode === "navigate", notKept);
  route(({ url, request }) => isData(url, request), keptFor(dataOf));
}
