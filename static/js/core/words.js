/** The words of the page's language, printed by the server as JSON. */

/** @type {Record<string, Record<string, string>> | undefined} */
let spoken;

/**
 * The word for a code; an unknown code speaks for itself.
 * @param {string} group
 * @param {string} code
 */
export function word(group, code) {
  spoken ??= JSON.parse(globalThis.document?.getElementById("words")?.textContent ?? "{}");
  return spoken?.[group]?.[code] ?? code;
}
