// What needs no node, so that plain tests reach it: `node --test tests/`. Not for: imports of the contract (app.js).

// A complaint about the first party that has too few rows.
export function tooFew(counts, minimum) {
  const found = Object.entries(counts).find(([, rows]) => rows < minimum);
  return found && `${found[0]} has ${found[1]} rows, parameter minimum asks for ${minimum}`;
}
