/**
 * JSON whose numbers keep their digits: a number too long for a double is read as its text.
 */

const LONG = /[\d.]{17}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.]{15,}(?![\d.eE+-])/g;

/**
 * @param {string} text
 * @returns {any}
 */
export function parse(text) {
  if (!LONG.test(text)) return JSON.parse(text);
  return JSON.parse(text.replace(STRING_OR_NUMBER, (found) => (found[0] === '"' ? found : `"${found}"`)));
}
