/** Auto, dark, light and terminal. The choice is a cookie, so the server already prints the right one. */

/** @type {Set<() => void>} */
const listeners = new Set();

/** @param {string} theme auto, dark, light or terminal */
export function choose(theme) {
  document.documentElement.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  for (const listener of listeners) listener();
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
  for (const listener of listeners) listener();
});

/**
 * The colours of the theme in force, for canvases.
 * @param {string[]} names of tokens, without dashes
 * @returns {Record<string, string>}
 */
export function colours(names) {
  const probe = document.createElement("i");
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
