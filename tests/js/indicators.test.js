import assert from "node:assert/strict";
import { test } from "node:test";

import { bollinger, ema, rsi, sma } from "app/charts/indicators.js";

/** @param {(number | null)[]} found @param {(number | null)[]} wanted */
function near(found, wanted) {
  assert.equal(found.length, wanted.length);
  wanted.forEach((value, index) => {
    if (value === null) assert.equal(found[index], null, `at ${index}`);
    else assert.ok(Math.abs(Number(found[index]) - value) < 1e-9, `at ${index}: ${found[index]} is not ${value}`);
  });
}

test("a simple average is that of the last values, and unknown before there are enough", () => {
  near(sma([1, 2, 3, 4, 10], 3), [null, null, 2, 3, 17 / 3]);
  near(sma([1, 2], 3), [null, null]);
  near(sma([], 3), []);
});

test("an exponential average begins with the simple one and then moves by its weight", () => {
  near(ema([1, 2, 3, 7, 7], 3), [null, null, 2, 4.5, 5.75]);
  near(ema([4, 4], 3), [null, null]);
});

test("Bollinger bands are standard deviations of the whole around the mean", () => {
  const { middle, upper, lower } = bollinger([2, 4, 4, 4, 5, 5, 7, 9], 8, 2);
  near(middle.slice(-1), [5]);
  near(upper.slice(-1), [9]);
  near(lower.slice(-1), [1]);
  assert.equal(upper[6], null);
});

test("the relative strength follows Wilder", () => {
  // The worked example of Wilder's smoothing with length 3: moves +1 +2 -1, then +3.
  const first = 100 * (1 / (1 + 1 / 3));
  const rise = (1 * 2 + 3) / 3;
  const fall = ((1 / 3) * 2) / 3;
  near(rsi([10, 11, 13, 12, 15], 3), [null, null, null, first, (100 * rise) / (rise + fall)]);
  near(rsi([5, 5, 5], 2), [null, null, 50]);
  near(rsi([1, 2, 3], 2), [null, null, 100]);
  near(rsi([3, 2, 1], 2), [null, null, 0]);
});
