import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { advanced, liveness, pulse, shown, tape } from "app/stores/liveness.js";

const samples = JSON.parse(readFileSync(new URL("../samples/liveness.json", import.meta.url), "utf8"));
const now = new Date(samples.now);

test("a bot is live, late or silent by its last beat", () => {
  for (const bot of samples.bots) assert.equal(liveness(bot, now), bot.liveness, JSON.stringify(bot));
});

test("a tape shows a miss where a silence begins", () => {
  for (const { beats, alive, words } of samples.tapes) assert.deepEqual(tape(beats, alive), words);
});

test("72 ticks show the miss among their slots", () => {
  const words = Array(288).fill("beat");
  words[5] = "miss";
  const folded = shown(words);
  assert.equal(folded.length, 72);
  assert.deepEqual(folded.slice(0, 3), ["beat", "miss", "beat"]);
  assert.equal(shown([]).length, 72);
});

test("the pulse lays all tapes together", () => {
  const bot = (last_seen, beats) => ({ state: "running", last_seen, expected_interval: 60, beats });
  const found = pulse([bot("2024-08-02T15:19:56Z", [1, 1, 1]), bot("2024-08-02T10:00:00Z", [1, 0, 0])], now);
  assert.equal(found.bots, 2);
  assert.equal(found.alive, 1);
  assert.equal(found.last_seen, "2024-08-02T15:19:56Z");
  assert.deepEqual(found.tape.slice(-3), ["beat", "miss", "beat"]);
});

test("time moves a tape on", () => {
  assert.deepEqual(advanced([1, 2, 3], 0), [1, 2, 3]);
  assert.deepEqual(advanced([1, 2, 3], 2), [3, 0, 0]);
  assert.deepEqual(advanced([1, 2, 3], 99), [0, 0, 0]);
});
