/** The words of the page's language, printed by the server as JSON. */

/** @type {Element | null | undefined} */
let printed;
/** @type {Record<string, Record<string, any>>} */
let spoken = {};

function words() {
  const element = globalThis.document?.getElementById("words");
  if (element && element !== printed) spoken = JSON.parse(element.textContent ?? "{}");
  printed = element;
  return spoken;
}

/**
 * The word for a code; an unknown code speaks for itself.
 * @param {string} group
 * @param {string} code
 * @returns {string}
 */
export function word(group, code) {
  return words()[group]?.[code] ?? code;
}

/**
 * A sentence with its places filled in.
 * @param {string} group
 * @param {string} code
 * @param {Record<string, string>} values
 */
export const say = (group, code, values) => word(group, code).replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) => values[name] ?? "");

/** @type {Map<string, Intl.PluralRules>} */
const rules = new Map();

/**
 * A number with what it counts.
 * @param {string} code
 * @param {number} count
 * @param {string} text the number as it is written
 * @param {string} locale
 */
export function counted(code, count, text, locale) {
  if (!rules.has(locale)) rules.set(locale, new Intl.PluralRules(locale));
  const forms = words().counted?.[code] ?? { other: `{count} ${code}` };
  return (forms[rules.get(locale)?.select(count) ?? "other"] ?? forms.other).replace("{count}", text);
}
