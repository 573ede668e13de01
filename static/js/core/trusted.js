/**
 * Trusted Types: the one rule by which text becomes code, here the address of the service worker. The content policy
 * lets no other rule be made, so nothing else can turn text into markup or script.
 */

const WORKER = "/service-worker.js";

const types = /** @type {any} */ (globalThis).trustedTypes;
const rule = types?.createPolicy("botv2", {
  createScriptURL(/** @type {string} */ address) {
    if (address !== WORKER) throw new TypeError(`${address} is not the service worker`);
    return address;
  },
});

/** The address of the service worker, as `navigator.serviceWorker.register` takes it. */
export const workerAddress = () => /** @type {string} */ (rule ? rule.createScriptURL(WORKER) : WORKER);
