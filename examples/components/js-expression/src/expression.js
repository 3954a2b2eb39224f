// Expressions over columns: `if(x0 > 0, log(x0), 0) * 2`. A text becomes a tree, a tree is evaluated for whole
// columns at once, as Float64Array; NaN is a missing value. Plain JavaScript: `node --test tests/` tests it outside
// of a node of Parcae. Not for: reading and writing tables (app.js).

const FUNCTIONS = {
  abs: [1, Math.abs],
  ceil: [1, Math.ceil],
  exp: [1, Math.exp],
  floor: [1, Math.floor],
  if: [3, (condition, yes, no) => (Number.isNaN(condition) ? NaN : condition !== 0 ? yes : no)],
  isnull: [1, (x) => (Number.isNaN(x) ? 1 : 0)],
  log: [1, Math.log],
  max: [2, Math.max],
  min: [2, Math.min],
  pow: [2, Math.pow],
  sqrt: [1, Math.sqrt],
};

const truth = (compare) => (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : compare(a, b) ? 1 : 0);

// Operators, the weakest first.
const LEVELS = [
  {
    "<": truth((a, b) => a < b),
    "<=": truth((a, b) => a <= b),
    ">": truth((a, b) => a > b),
    ">=": truth((a, b) => a >= b),
    "==": truth((a, b) => a === b),
    "!=": truth((a, b) => a !== b),
  },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  { "*": (a, b) => a * b, "/": (a, b) => a / b },
];

const NUMBER = /((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/.source;
const NAME = /([A-Za-z_][A-Za-z0-9_.]*)|"([^"]+)"/.source;
const SIGN = /(<=|>=|==|!=|[-+*\/<>(),])/.source;
const TOKEN = new RegExp(`\\s*(?:${NUMBER}|${NAME}|${SIGN})`, "y");
const DEEPEST = 50;

// An expression that makes no sense; the message says where and why.
export class ExpressionError extends Error {}

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  let at = 0;
  while (at < end) {
    const match = TOKEN.exec(text);
    if (!match) {
      while (/\s/.test(text[at])) at++;
      throw new ExpressionError(`character ${at + 1}: ${JSON.stringify(text[at])} is not understood`);
    }
    const [all, number, name, quoted, sign] = match;
    found.push({ number, name, quoted, sign, at: at + all.length - all.trimStart().length + 1, text: all.trim() });
    at = TOKEN.lastIndex;
  }
  return found;
}

// The tree of an expression: {number} | {column} | {apply, of: [trees]}. Columns with odd names are written in
// quotes: "x 0".
export function parse(text) {
  const list = tokens(text);
  let next = 0;
  let depth = 0;
  const sees = (sign) => list[next]?.sign === sign;
  const complain = (wanted) => {
    const token = list[next];
    const found = token ? `character ${token.at}: found ${token.text}` : "the expression ends too early";
    throw new ExpressionError(`${found}, ${wanted} expected`);
  };
  const take = (sign) => (sees(sign) ? next++ : complain(sign));

  function level(index) {
    if (index === LEVELS.length) return unary();
    let left = level(index + 1);
    while (list[next]?.sign && Object.hasOwn(LEVELS[index], list[next].sign)) {
      const apply = LEVELS[index][list[next++].sign];
      left = { apply, of: [left, level(index + 1)] };
    }
    return left;
  }

  function unary() {
    if (++depth > DEEPEST) throw new ExpressionError(`nested more than ${DEEPEST} deep`);
    let tree;
    if (sees("-")) {
      next++;
      tree = { apply: (x) => -x, of: [unary()] };
    } else {
      tree = atom();
    }
    depth--;
    return tree;
  }

  function atom() {
    const token = list[next] ?? complain("a number, a column or a function");
    if (token.number !== undefined) return next++, { number: Number(token.number) };
    if (token.quoted !== undefined) return next++, { column: token.quoted };
    if (token.name !== undefined) return next++, sees("(") ? call(token) : { column: token.name };
    if (!sees("(")) complain("a number, a column or a function");
    next++;
    const inside = level(0);
    take(")");
    return inside;
  }

  function call(token) {
    const known = Object.hasOwn(FUNCTIONS, token.name) ? FUNCTIONS[token.name] : undefined;
    if (!known) {
      const there = Object.keys(FUNCTIONS).join(", ");
      throw new ExpressionError(`character ${token.at}: no function ${token.name}; there are ${there}`);
    }
    const [arity, apply] = known;
    next++;
    const of = [level(0)];
    while (sees(",")) next++, of.push(level(0));
    take(")");
    if (of.length !== arity) {
      throw new ExpressionError(`character ${token.at}: ${token.name} takes ${arity} arguments, not ${of.length}`);
    }
    return { apply, of };
  }

  const tree = level(0);
  if (next < list.length) complain("an operator or the end");
  return tree;
}

// Names of the columns that a tree reads, each once.
export function columnsOf(tree, names = new Set()) {
  if (tree.column !== undefined) names.add(tree.column);
  for (const part of tree.of ?? []) columnsOf(part, names);
  return [...names];
}

// The values of a tree for `rows` rows; `columns` maps a name to its Float64Array. What is not finite becomes NaN,
// at every step.
export function evaluate(tree, columns, rows) {
  if (tree.column !== undefined) return columns.get(tree.column);
  const result = new Float64Array(rows);
  if (tree.number !== undefined) return result.fill(tree.number);
  const of = tree.of.map((part) => evaluate(part, columns, rows));
  for (let row = 0; row < rows; row++) {
    const value = tree.apply(...of.map((values) => values[row]));
    result[row] = Number.isFinite(value) ? value : NaN;
  }
  return result;
}
