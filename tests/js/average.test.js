import assert from "node:assert/strict";
import { test } from "node:test";

import { averaged } from "app/charts/average.js";

test("each value counts for as long as it held", () => {
  const found = averaged([0, 10, 20, 30, 31], [1, 3, 5, 7, 100], 20);
  assert.deepEqual(found.slice(0, 4), [null, null, 2, 4]);
  assert.ok(Math.abs(/** @type {number} */ (found[4]) - (3 * 9 + 5 * 10 + 7) / 20) < 1e-9);
});

test("many values at once do not outweigh a long calm", () => {
  const times = [0, 100, ...Array.from({ length: 50 }, (_, index) => 100 + index * 0.01)];
  const values = [10, 10, ...Array(50).fill(1000)];
  assert.ok(/** @type {number} */ (averaged(times, values, 100).at(-1)) < 20);
});

test("no time, no average", () => {
  assert.deepEqual(averaged([5], [1], 0), [null]);
  assert.deepEqual(averaged([], [], 10), []);
});
