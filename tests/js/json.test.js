import assert from "node:assert/strict";
import { test } from "node:test";

import { parse } from "app/core/json.js";

test("numbers that a double holds are numbers", () => {
  assert.deepEqual(parse('{"a": 1.5, "b": [-2, 1e-7], "c": 0.1234567890123}'), { a: 1.5, b: [-2, 1e-7], c: 0.1234567890123 });
});

test("longer numbers keep their digits as text", () => {
  const found = parse('{"a": 123456789012345678.125, "b": -0.000000000000000001, "c": [99999999999999999]}');
  assert.deepEqual(found, { a: "123456789012345678.125", b: "-0.000000000000000001", c: ["99999999999999999"] });
});

test("texts are left alone, whatever they look like", () => {
  const text = JSON.stringify({ a: "12345678901234567890", b: 'a "quoted" 12345678901234567890 \\', c: "\\" });
  assert.deepEqual(parse(text), JSON.parse(text));
});

test("a long number in exponent notation stays a number", () => {
  assert.equal(parse('{"a": 1.2345678901234567e-8}').a, 1.2345678901234567e-8);
});
