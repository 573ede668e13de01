/** Auto, dark, light and terminal. The choice is a cookie, so the server already prints the right one. */

/** @type {Set<() => void>} */
const listeners = new Set();

/** @param {string} theme auto, dark, light or terminal */
export function choose(theme) {
  document.documentElement.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  tint();
  for (const listener of listeners) listener();
}

/** The browser's own bars are as the page is. */
function tint() {
  const { bg } = colours(["bg"]);
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) meta.setAttribute("content", bg);
}

export function chosen() {
  return document.documentElement.dataset.theme ?? "auto";
}

/**
 * Call `listener` whenever colours change. Returns how to stop.
 * @param {() => void} listener
 */
export function onTheme(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

globalThis.matchMedia?.("(prefers-color-scheme: dark)").addEventListener("change", () => {
  tint();
  for (const listener of listeners) listener();
});

/**
 * The colours of the theme in force, for canvases.
 * @param {string[]} names of tokens, without dashes
 * @returns {Record<string, string>}
 */
export function colours(names) {
  const probe = document.createElement("i");
  probe.style.setProperty("forced-color-adjust", "none");
  document.body.append(probe);
  /** @type {Record<string, string>} */
  const found = {};
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}
