import assert from "node:assert/strict";
import { test } from "node:test";

import { clockText, momentOf } from "app/core/zone.js";

/** @param {string} zone */
const setting = (zone) => ({ places: 2, now: new Date("2026-01-05T12:00:00Z"), locale: "en", zone, masked: false });

for (const [zone, at, text] of [
  ["UTC", "2026-01-05T09:00:00Z", "2026-01-05T09:00:00"],
  ["Europe/Berlin", "2026-01-05T09:00:00Z", "2026-01-05T10:00:00"],
  ["Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59"],
  ["Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00"],
  ["America/New_York", "2026-11-01T07:30:00Z", "2026-11-01T02:30:00"],
  ["Asia/Kolkata", "2026-01-04T20:00:00Z", "2026-01-05T01:30:00"],
]) {
  test(`${at} is ${text} in ${zone}, and back`, () => {
    assert.equal(clockText(at, setting(zone)), text);
    assert.equal(momentOf(text, setting(zone)), at);
  });
}

test("a moment that the clock leaves out is the hour beside it", () => {
  assert.match(momentOf("2026-03-29T02:30:00", setting("Europe/Berlin")), /^2026-03-29T0[01]:30:00Z$/);
});

test("an input without seconds is read too", () => {
  assert.equal(momentOf("2026-01-05T10:00", setting("Europe/Berlin")), "2026-01-05T09:00:00Z");
});
