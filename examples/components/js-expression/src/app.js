// The component `column_expression`: adds a column to a table that is computed from others, at each party from its
// own. This file is what a node calls: it says what the component is, and runs one attempt. Not for: expressions
// (expression.js).

import { get as task } from "parcae:component/context@0.1.0";
import { write as log } from "parcae:component/log@0.1.0";
import { summary } from "parcae:component/metrics@0.1.0";
import { create, forward, input } from "parcae:component/tables@0.1.0";
import { ExpressionError, columnsOf, evaluate, parse } from "./expression.js";

const PARAMETERS = {
  type: "object",
  additionalProperties: false,
  properties: {
    expression: {
      type: "string",
      maxLength: 4096,
      default: "",
      description: "what to compute: \"if(x0 > 0, log(x0), 0)\"; empty = the table passes unchanged",
    },
    name: { type: "string", minLength: 1, maxLength: 100, default: "derived", description: "name of the new column" },
    drop: { type: "boolean", default: false, description: "leave out the columns that the expression reads" },
  },
};

export function describe() {
  const port = (help) => ({ name: "data", kind: "data", optional: false, many: false, help });
  const about = "Adds a column that an expression computes from others.";
  return {
    name: "column_expression",
    version: "0.1.0",
    licence: "Apache-2.0",
    summary: about,
    modules: [
      {
        name: "ColumnExpression",
        aliases: [],
        summary: about,
        roles: ["guest", "host"],
        needs: [],
        inputs: [port("A table with numbers.")],
        outputs: [port("The same table with one more column.")],
        parameters: JSON.stringify(PARAMETERS),
        grants: [],
      },
    ],
  };
}

export function run() {
  try {
    attempt(task());
  } catch (error) {
    throw failure(error);
  }
}

function attempt({ component, parameters }) {
  const { expression, name, drop } = JSON.parse(parameters);
  const [table] = input("data");
  if (!table) throw wrong(`${component}: nothing is connected to input data`);
  if (expression.trim() === "") {
    forward("data", table);
    return log("info", "no expression: the table passes unchanged");
  }
  const schema = table.schema();
  const tree = checked(component, () => parse(expression));
  const read = readColumns(component, schema, columnsOf(tree));
  const kept = schema.columns.map((_, index) => index).filter((index) => !(drop && read.has(index)));
  if (kept.some((index) => schema.columns[index].name === name)) {
    throw wrong(`${component}: there is a column ${name} already; give parameter name another value`);
  }
  const columns = kept.map((index) => schema.columns[index]);
  columns.push({ name, dataType: "float64", meaning: "feature" });
  const writer = create("data", { columns, extra: extra(schema) }, table.partitions());
  let missing = 0;
  for (let index = 0; index < table.pages(); index++) {
    const page = table.readPage(index, []);
    const given = new Map([...read].map(([i, n]) => [n, numbers(page.columns[i], page.rows)]));
    const made = evaluate(tree, given, page.rows);
    missing += made.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
    writer.append({ rows: page.rows, columns: [...kept.map((i) => page.columns[i]), packed(made)] });
  }
  const rows = Number(writer.finish());
  summary(JSON.stringify({ column: name, expression, rows, missing }));
  log("info", `column ${name} = ${expression}: ${rows} rows, ${missing} of them without a value`);
}

// Which columns are read: index in the schema to name.
function readColumns(component, schema, names) {
  const number = (column) => column.dataType !== "text" && column.meaning !== "id";
  return new Map(
    names.map((name) => {
      const index = schema.columns.findIndex((column) => column.name === name && number(column));
      if (index >= 0) return [index, name];
      const there = schema.columns.filter(number).map((column) => column.name);
      throw wrong(`${component}: no column with numbers is called ${name}; there are ${there.join(", ")}`);
    }),
  );
}

// What a schema carries beside its columns, without what is said of each feature: that is for other features than
// these.
function extra(schema) {
  const { header, anonymous_header, ...rest } = JSON.parse(schema.extra || "{}");
  return JSON.stringify(rest);
}

// A column as it came, as numbers; NaN where a value is missing.
function numbers({ validity, values }, rows) {
  const read = Float64Array.from(values.val, Number);
  if (validity) {
    for (let row = 0; row < rows; row++) if (!((validity[row >> 3] >> (row & 7)) & 1)) read[row] = NaN;
  }
  return read;
}

// Numbers as they cross the boundary; NaN becomes a missing value.
function packed(values) {
  const validity = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    if (Number.isNaN(value)) values[row] = 0;
    else validity[row >> 3] |= 1 << (row & 7);
  });
  return { validity, values: { tag: "float64", val: values } };
}

function checked(component, make) {
  try {
    return make();
  } catch (error) {
    if (error instanceof ExpressionError) throw wrong(`${component}: parameter expression: ${error.message}`);
    throw error;
  }
}

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
