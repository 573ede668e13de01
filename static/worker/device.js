/**
 * Whose device this is, and what is kept for whom. Nothing is kept for anybody but the person who is signed in and has
 * called the device their own: the server names in every answer whom it is for, a cookie names who is signed in now.
 */

const scope = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const { version, cookies } = scope.BOTV2;
const FAMILY = "botv2:";
const NOBODY = "nobody";
/** Headers of answers. */
const WHOSE = "X-Kept-For";
const SINCE = "X-Stale-Since";

/** @param {string} kind @param {string} [whose] */
const cacheName = (kind, whose) => [`${FAMILY}${version}`, kind, whose].filter(Boolean).join(":");

/** @param {string} name of a cache @returns {string | undefined} */
const ownerOf = (name) => name.split(":")[3];

/**
 * Whom things are kept for now; null where for nobody. A browser that cannot tell keeps nothing.
 * @returns {Promise<string | null>}
 */
async function owner() {
  return (await cookie(cookies.kept_for)) || null;
}

/** @param {string} name @returns {Promise<string | undefined>} */
async function cookie(name) {
  return (await scope.cookieStore?.get(name))?.value;
}

/** Whom the last answer was for, so that nothing is looked through twice. @type {string | null} */
let lastHeard = null;

/** An answer came for somebody: what was kept for others goes. @param {string | null} whose */
async function hear(whose) {
  if (whose === null || whose === lastHeard) return;
  lastHeard = whose;
  await forget((name) => (ownerOf(name) ?? whose) !== whose);
  if (whose !== NOBODY) await dropQueued((entry) => entry.whose !== whose);
}

/**
 * Delete caches, and what is written down about the age of their entries.
 * @param {(name: string) => boolean} which
 */
async function forget(which) {
  const names = (await caches.keys()).filter((name) => name.startsWith(FAMILY) && which(name));
  for (const name of names) {
    await caches.delete(name);
    await new workbox.expiration.CacheExpiration(name, { maxEntries: 1 }).delete();
  }
}

/** Everything that was kept while looking at pages; the offline page stays. */
const forgetAll = () => forget(() => true);

/** What is kept: entries and bytes by kind. */
async function kept() {
  /** @type {Record<string, {entries: number, bytes: number}>} */
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    const kind = name.startsWith(FAMILY) ? name.split(":")[2] : "shell";
    const sum = (found[kind] ??= { entries: 0, bytes: 0 });
    for (const request of await cache.keys()) {
      const response = await cache.match(request, { ignoreVary: true });
      sum.entries += 1;
      sum.bytes += response ? (await response.blob()).size : 0;
    }
  }
  return found;
}
