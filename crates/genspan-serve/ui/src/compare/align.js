/** Lays two traces side by side by their structure: what was done under what, in which order, not by ids or times. */
import { buildTree } from '../trace/tree.js';
import { known } from '../ui/icon.js';

/** What a span is, for finding its like in another trace; the model is left out, so that a change of model is a difference and not a gap. */
const likeness = ({ span }) => {
  const kind = known(span.kind);
  if (kind === 'tool') return `tool ${span.tool ?? span.name}`;
  if (kind === 'agent') return `agent ${span.agent ?? span.name}`;
  if (kind === 'other') return `other ${span.name}`;
  return kind;
};

/** Pairs of indexes of a longest common subsequence; very long lists are paired by their order among equals. */
export function commonPairs(a, b) {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const pairs = Array.from({ length: head }, (_, at) => [at, at]);
  pairs.push(...middlePairs(a.slice(head, a.length - tail), b.slice(head, b.length - tail)).map(([x, y]) => [x + head, y + head]));
  for (let at = tail; at > 0; at -= 1) pairs.push([a.length - at, b.length - at]);
  return pairs;
}

function middlePairs(a, b) {
  if (a.length === 0 || b.length === 0) return [];
  if (a.length * b.length > 2_000_000) return orderedPairs(a, b);
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let x = a.length - 1; x >= 0; x -= 1) {
    for (let y = b.length - 1; y >= 0; y -= 1) {
      table[x * width + y] = a[x] === b[y] ? table[(x + 1) * width + y + 1] + 1 : Math.max(table[(x + 1) * width + y], table[x * width + y + 1]);
    }
  }
  const pairs = [];
  for (let x = 0, y = 0; x < a.length && y < b.length;) {
    if (a[x] === b[y]) { pairs.push([x, y]); x += 1; y += 1; } else if (table[(x + 1) * width + y] >= table[x * width + y + 1]) x += 1; else y += 1;
  }
  return pairs;
}

function orderedPairs(a, b) {
  const places = new Map();
  b.forEach((key, at) => places.set(key, [...(places.get(key) ?? []), at]));
  const pairs = [];
  let last = -1;
  a.forEach((key, at) => {
    const next = (places.get(key) ?? []).find((place) => place > last);
    if (next !== undefined) { pairs.push([at, next]); last = next; }
  });
  return pairs;
}

/** Merges two lists of siblings in order: pairs where they match, one-sided entries between. */
function merge(a, b) {
  const out = [];
  let x = 0;
  let y = 0;
  for (const [px, py] of [...commonPairs(a.map(likeness), b.map(likeness)), [a.length, b.length]]) {
    while (x < px) { out.push([a[x], null]); x += 1; }
    while (y < py) { out.push([null, b[y]]); y += 1; }
    if (px < a.length) { out.push([a[px], b[py]]); x = px + 1; y = py + 1; }
  }
  return out;
}

/**
 * @param {import('../types.js').SpanRow[]} spansA @param {import('../types.js').SpanRow[]} spansB
 * @returns {{a: import('../trace/tree.js').Node|null, b: import('../trace/tree.js').Node|null, depth: number, id: string}[]}
 */
export function align(spansA, spansB) {
  const rows = [];
  const stack = [];
  const push = (a, b, depth) => { for (const [one, two] of merge(a, b).reverse()) stack.push({ a: one, b: two, depth }); };
  push(buildTree(spansA).roots, buildTree(spansB).roots, 0);
  while (stack.length > 0) {
    const { a, b, depth } = stack.pop();
    rows.push({ a, b, depth, id: `${a?.span.spanId ?? ''}~${b?.span.spanId ?? ''}` });
    push(a?.children ?? [], b?.children ?? [], depth + 1);
  }
  return rows;
}
