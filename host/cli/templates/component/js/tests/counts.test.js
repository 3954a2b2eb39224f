// Tests outside of a node: `node --test tests/`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tooFew } from "../src/counts.js";

test("parties with few rows are named", () => {
  const counts = { guest_9999: 5, host_10000: 2 };
  assert.equal(tooFew(counts, 2), undefined);
  assert.equal(tooFew(counts, 3), "host_10000 has 2 rows, parameter minimum asks for 3");
});
