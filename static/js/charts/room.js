/** Where ECharts draws. It empties its place by `innerHTML = ""`, which Trusted Types refuse as they do all markup. */

/**
 * The same element, where that empties it and any other text is an error.
 * @template {HTMLElement} T
 * @param {T} element
 * @returns {T}
 */
export function room(element) {
  return Object.defineProperty(element, "innerHTML", {
    configurable: true,
    get: () => "",
    set(text) {
      if (text) throw new TypeError("text does not become markup");
      element.replaceChildren();
    },
  });
}
