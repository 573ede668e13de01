/** The words that a page of a language prints, as far as tests need them; `tests/dashboard/test_words.py` holds them to it. */

import { readFileSync } from "node:fs";

const words = JSON.parse(readFileSync(new URL("../samples/words.json", import.meta.url), "utf8"));

/** @param {string} locale */
export function speak(locale) {
  const element = { textContent: JSON.stringify(words[locale]) };
  globalThis.document = { getElementById: () => element };
}
