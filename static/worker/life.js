/** How the worker comes and goes: it waits until somebody lets it take over, and then drops what older ones kept. */

/** What pages may ask of the worker, by the type of the message. @type {Record<string, (message: any) => any>} */
const ASKED = {
  GET_VERSION: () => ({ version }),
  SKIP_WAITING: () => scope.skipWaiting(),
  CLAIM: () => scope.clients.claim(),
  WAIT_FOR_NETWORK: waitForNetwork,
  CLEAR_CACHE: async ({ everything = false }) => {
    await forgetAll();
    if (everything) await dropQueued(() => true);
    return { cleared: true };
  },
  KEPT: kept,
  QUEUE: queued,
  SEND_QUEUED: sendQueued,
  DROP_QUEUED: async ({ id }) => {
    await dropQueued((entry) => entry.id === id);
    return queued();
  },
};

scope.addEventListener("message", (event) => {
  const act = ASKED[event.data?.type];
  if (act) event.waitUntil(Promise.resolve(act(event.data)).then((found) => event.ports[0]?.postMessage(found)));
});

scope.addEventListener("activate", (event) => {
  const outdated = forget((name) => !name.startsWith(`${FAMILY}${version}:`));
  event.waitUntil(Promise.all([outdated, scope.clients.claim()]));
});

workbox.core.setCacheNameDetails({ prefix: "botv2" });
workbox.precaching.precacheAndRoute(scope.BOTV2.precache, { cleanURLs: false, directoryIndex: null, ignoreURLParametersMatching: [] });
answer();
keepWrites();
receive();
