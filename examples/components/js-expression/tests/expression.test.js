// Tests of expressions, outside of a node of Parcae: `node --test tests/`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, evaluate, parse } from "../src/expression.js";

const columns = new Map([
  ["x0", Float64Array.of(1, 4, NaN, -2)],
  ["a b", Float64Array.of(10, 20, 30, 40)],
]);
const value = (text) => [...evaluate(parse(text), columns, 4)];
const message = (text) => {
  try {
    parse(text);
  } catch (error) {
    return error.message;
  }
};

test("operators bind as in school", () => {
  assert.deepEqual(value("1 + 2 * 3 - 4 / 2"), [5, 5, 5, 5]);
  assert.deepEqual(value("(1 + 2) * -x0"), [-3, -12, NaN, 6]);
  assert.deepEqual(value("8 - 4 - 2 == 2"), [1, 1, 1, 1]);
  assert.deepEqual(value("1.5e1 + .5"), [15.5, 15.5, 15.5, 15.5]);
});

test("missing values stay missing, and what is not finite becomes missing", () => {
  assert.deepEqual(value("x0 > 0"), [1, 1, NaN, 0]);
  assert.deepEqual(value("sqrt(x0)"), [1, 2, NaN, NaN]);
  assert.deepEqual(value("1 / (x0 - 1)")[0], NaN);
  assert.deepEqual(value('if(isnull(x0), "a b", max(x0, 0))'), [1, 4, 30, 0]);
});

test("columns are found once each", () => {
  assert.deepEqual(columnsOf(parse('x0 + "a b" * x0')), ["x0", "a b"]);
});

test("errors say where and why", () => {
  assert.equal(message("x0 + "), "the expression ends too early, a number, a column or a function expected");
  assert.equal(message("x0 $ 1"), 'character 4: "$" is not understood');
  assert.match(message("sin(x0)"), /character 1: no function sin; there are abs, /);
  assert.match(message("toString(x0)"), /no function toString/);
  assert.equal(message("min(x0)"), "character 1: min takes 2 arguments, not 1");
  assert.equal(message("(x0"), "the expression ends too early, ) expected");
  assert.equal(message("x0 1"), "character 4: found 1, an operator or the end expected");
  assert.equal(message("-".repeat(60) + "1"), "nested more than 50 deep");
});
