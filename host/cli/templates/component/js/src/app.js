// The component `{{name}}`: parties tell each other how many rows they have, and the guest shows the numbers.
// Replace it with an algorithm of your own. Not for: anything that needs files, sockets or the time; there are none
// in here.

import { get as task } from "parcae:component/context@0.1.0";
import { pull, push } from "parcae:component/federation@0.1.0";
import { write as log } from "parcae:component/log@0.1.0";
import { append, describe as describeSeries, summary } from "parcae:component/metrics@0.1.0";
import { forward, input } from "parcae:component/tables@0.1.0";
import { tooFew } from "./counts.js";

const ABOUT = "Parties tell each other how many rows they have.";
const PARAMETERS = {
  type: "object",
  additionalProperties: false,
  properties: {
    minimum: { type: "integer", minimum: 0, default: 1, description: "fewest rows that a party must have" },
  },
};

export function describe() {
  const port = (help) => ({ name: "data", kind: "data", optional: false, many: false, help });
  const module = {
    name: "{{Module}}",
    aliases: [],
    summary: ABOUT,
    roles: ["guest", "host"],
    needs: ["guest", "host"],
    inputs: [port("Any table.")],
    outputs: [port("The same table.")],
    parameters: JSON.stringify(PARAMETERS),
    grants: [],
  };
  return { name: "{{name}}", version: "0.1.0", licence: "Apache-2.0", summary: ABOUT, modules: [module] };
}

export function run() {
  try {
    attempt(task());
  } catch (error) {
    throw failure(error);
  }
}

// One attempt at one party.
function attempt(me) {
  // The node checked the parameters and filled in what was left out.
  const { minimum } = JSON.parse(me.parameters);
  const [table] = input("data");
  if (!table) throw wrong(`${me.component}: nothing is connected to input data`);
  const counts = exchange(me, Number(table.rows()));
  const why = tooFew(counts, minimum);
  if (why) throw wrong(`${me.component}: ${why}`);
  forward("data", table);
  if (me.self.role === "guest") report(counts);
}

// Tells every other party our number of rows, and hears theirs.
function exchange(me, rows) {
  const others = me.parties.filter((party) => nameOf(party) !== nameOf(me.self));
  for (const party of others) push(party, "rows", new TextEncoder().encode(JSON.stringify(rows)));
  const counts = { [nameOf(me.self)]: rows };
  for (const party of others) counts[nameOf(party)] = JSON.parse(new TextDecoder().decode(pull(party, "rows")));
  return counts;
}

// What people see: a series of metrics, a summary, a line in the log.
function report(counts) {
  const points = Object.entries(counts).map(([party, rows]) => ({
    key: { tag: "text", val: party },
    value: { tag: "number", val: rows },
  }));
  append("{{name}}", "rows", points);
  describeSeries("{{name}}", "rows", "ROWS", JSON.stringify({ unit_name: "party", curve_name: "rows" }));
  summary(JSON.stringify({ rows: counts }));
  log("info", `rows: ${JSON.stringify(counts)}`);
}

// `host_10000`. Ids are 64-bit integers, so BigInt in here.
function nameOf({ role, id }) {
  return `${role}_${id}`;
}

// The failure of data or parameters that are not as they should be.
function wrong(message) {
  return { kind: "input", message };
}

const KINDS = ["input", "peer", "transient", "other"];

// The failure that an error becomes. Imports throw an Error whose payload is the variant of the contract; ours are
// failures already; whatever else was thrown is a bug, and the log tells its place.
function failure(error) {
  if (KINDS.includes(error?.kind)) return { kind: error.kind, message: String(error.message) };
  const { tag, val } = error?.payload ?? {};
  if (tag === "limit") return { kind: "input", message: `limit ${val.name} reached: ${val.message}` };
  if (tag === "peer" || tag === "deadline") return { kind: "peer", message: val };
  if (tag === "canceled") return { kind: "other", message: tag };
  const isPlain = typeof error === "object" && !(error instanceof Error);
  const text = isPlain ? JSON.stringify(error) : String(error);
  log("error", `${val ?? text}\n${error?.stack ?? ""}`);
  if (tag) return { kind: tag === "node" ? "transient" : "input", message: val };
  return { kind: "other", message: text };
}
