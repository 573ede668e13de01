import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { ApiError, coalesced } from "app/core/api.js";

const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

/** A coalesced work that fails as often as told, and how often it was run. */
function failing(times, error) {
  let runs = 0;
  const failures = [];
  const run = coalesced(async () => {
    runs += 1;
    if (runs <= times) throw error;
  }, 500, (found) => failures.push(found));
  return { run, runs: () => runs, failures };
}

test("calls in between become one", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const work = failing(0);
  work.run();
  work.run();
  work.run();
  await settle();
  assert.equal(work.runs(), 1);
  mock.timers.tick(500);
  await settle();
  mock.timers.tick(5000);
  await settle();
  assert.equal(work.runs(), 2);
  mock.timers.reset();
});

test("what nobody answered is asked again by itself, later each time", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const work = failing(2, new ApiError(0));
  work.run();
  await settle();
  for (const [wait, runs] of [[1999, 1], [1, 2], [3999, 2], [1, 3], [600_000, 3]]) {
    mock.timers.tick(wait);
    await settle();
    assert.equal(work.runs(), runs, `after ${wait}`);
  }
  assert.equal(work.failures.length, 2);
  mock.timers.reset();
});

test("a person who asks again does not wait", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const work = failing(1, new ApiError(503));
  work.run();
  await settle();
  mock.timers.tick(600);
  await settle();
  work.run();
  await settle();
  assert.equal(work.runs(), 2);
  mock.timers.tick(600_000);
  await settle();
  assert.equal(work.runs(), 2);
  mock.timers.reset();
});

test("what was refused is not asked again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const work = failing(1, new ApiError(403));
  work.run();
  await settle();
  mock.timers.tick(600_000);
  await settle();
  assert.equal(work.runs(), 1);
  mock.timers.reset();
});
