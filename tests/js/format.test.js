import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { follow, holds } from "app/core/bind.js";
import { sign, write } from "app/core/format.js";
import { glyph } from "app/features/paint.js";
import { speak } from "./words.js";

const samples = JSON.parse(readFileSync(new URL("../samples/format.json", import.meta.url), "utf8"));

for (const sample of samples.cases) {
  const { kind, value, locale = "en", places = 2, zone = "UTC", masked = false } = sample;
  test(`${kind} of ${value} in ${locale} is ${sample.text}`, () => {
    speak(locale);
    const setting = { places, locale, zone, masked, now: new Date(samples.now) };
    assert.equal(write(kind, value, setting), sample.text);
    if (sample.sign) assert.equal(sign(kind, value, setting), sample.sign);
  });
}

test("conditions", () => {
  for (const [condition, expected] of samples.conditions.cases) {
    assert.equal(holds(samples.conditions.scope, condition), expected, condition);
  }
});

test("a path ends where the value does", () => {
  assert.equal(follow({ a: { b: 1 } }, "a.b"), 1);
  assert.equal(follow({ a: null }, "a.b.c"), undefined);
});

test("the excursion glyph", () => {
  for (const { trade, places } of samples.glyphs) assert.deepEqual(glyph(trade), places);
});
