/** The page without a connection: which pages this device keeps, and back as soon as the server answers. */

const LOOK_EVERY = 5000;

const TITLE = /<title>([^<]*)</;
/** @type {Record<string, string>} */
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'" };

/** Pages kept on this device, the last seen first. @returns {Promise<{path: string, title: string}[]>} */
async function keptPages() {
  const whose = (await /** @type {any} */ (globalThis).cookieStore?.get(document.body.dataset.keptFor))?.value;
  const name = whose && (await caches.keys()).find((each) => each.startsWith("botv2:") && each.endsWith(`:pages:${whose}`));
  if (!name) return [];
  const cache = await caches.open(name);
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const request of [...(await cache.keys())].reverse()) {
    const { pathname, search } = new URL(request.url);
    const text = await (await cache.match(request, { ignoreVary: true }))?.text();
    const title = TITLE.exec(text ?? "")?.[1].replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity);
    if (title && ![...found.values()].includes(title)) found.set(pathname + search, title);
  }
  return [...found].map(([path, title]) => ({ path, title }));
}

async function list() {
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector("[data-kept] template"));
  const place = /** @type {HTMLElement} */ (template.closest("[data-kept]"));
  const found = await keptPages();
  for (const { path, title } of found) {
    const item = /** @type {Element} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
    const link = /** @type {HTMLAnchorElement} */ (item.querySelector("a"));
    link.href = path;
    link.textContent = title.replace(/ · BotV2$/, "");
    template.parentElement?.append(item);
  }
  place.hidden = found.length === 0;
}

async function look() {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  if (answer?.ok && !location.pathname.startsWith("/offline/")) location.reload();
}

list();
addEventListener("online", look);
setInterval(look, LOOK_EVERY);
