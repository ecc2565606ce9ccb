/** A trace's spans as a tree, whatever order, gaps or cycles they came with. Nothing here recurses: a trace may be ten thousand deep. */

/**
 * @typedef {object} Node
 * @property {import('../types.js').SpanRow} span @property {Node|null} parent @property {Node[]} children @property {number} depth
 * @property {boolean} orphan its parent was named but never received
 * @property {number} lane @property {number} lanes its place among siblings that run at the same time, and how many places there are
 * @property {{spans: number, errors: number, tokens: number}} under what is below it
 */

const byStart = (a, b) => a.span.startMicros - b.span.startMicros;

/** @param {import('../types.js').SpanRow[]} spans @returns {{roots: Node[], byId: Map<string, Node>, order: Node[]}} */
export function buildTree(spans) {
  /** @type {Map<string, Node>} */
  const byId = new Map();
  for (const span of spans) {
    byId.set(span.spanId, { span, parent: null, children: [], depth: 0, orphan: false, lane: 0, lanes: 1, under: { spans: 0, errors: 0, tokens: 0 } });
  }
  const roots = [];
  for (const node of byId.values()) {
    const parent = node.span.parentId ? byId.get(node.span.parentId) : undefined;
    if (parent && parent !== node) { node.parent = parent; parent.children.push(node); } else {
      node.orphan = Boolean(node.span.parentId);
      roots.push(node);
    }
  }
  for (const node of byId.values()) if (node.children.length > 1) node.children.sort(byStart);
  roots.sort(byStart);
  const order = [];
  walk(roots, order, new Set());
  if (order.length < byId.size) breakCycles(byId, roots, order);
  for (let at = order.length - 1; at >= 0; at -= 1) addUp(order[at]);
  for (const node of order) assignLanes(node.children);
  assignLanes(roots);
  return { roots, byId, order };
}

/** Depth first, in order of start. */
function walk(roots, order, seen) {
  const stack = [...roots].reverse();
  while (stack.length > 0) {
    const node = stack.pop();
    if (seen.has(node)) continue;
    seen.add(node);
    node.depth = node.parent ? node.parent.depth + 1 : 0;
    order.push(node);
    for (let at = node.children.length - 1; at >= 0; at -= 1) stack.push(node.children[at]);
  }
}

/** Spans that name each other as parent hang in the air: the first of each ring becomes a root. */
function breakCycles(byId, roots, order) {
  const seen = new Set(order);
  for (const node of byId.values()) {
    if (seen.has(node)) continue;
    node.parent.children.splice(node.parent.children.indexOf(node), 1);
    node.parent = null;
    node.orphan = true;
    roots.push(node);
    const part = [];
    walk([node], part, seen);
    order.push(...part);
  }
}

function addUp(node) {
  const { span, parent, under } = node;
  if (!parent) return;
  parent.under.spans += under.spans + 1;
  parent.under.errors += under.errors + (span.status === 'error' ? 1 : 0);
  parent.under.tokens += under.tokens + (span.kind === 'chat' ? (span.inputTokens ?? 0) + (span.outputTokens ?? 0) : 0);
}

const end = (node) => node.span.startMicros + node.span.durationMicros;

/** Gives siblings that overlap different lanes; those that follow one another share the first. */
export function assignLanes(siblings) {
  let cluster = [];
  let clusterEnd = -Infinity;
  let ends = [];
  const close = () => { for (const node of cluster) node.lanes = ends.length; };
  for (const node of siblings) {
    if (node.span.startMicros >= clusterEnd) { close(); cluster = []; ends = []; clusterEnd = -Infinity; }
    let lane = ends.findIndex((at) => at <= node.span.startMicros);
    if (lane < 0) lane = ends.length;
    ends[lane] = end(node);
    node.lane = lane;
    cluster.push(node);
    clusterEnd = Math.max(clusterEnd, end(node));
  }
  close();
}

/** The rows that are shown: everything but what is below a folded span. */
export function visible(tree, folded) {
  if (folded.size === 0) return tree.order;
  const rows = [];
  let skip = Infinity;
  for (const node of tree.order) {
    if (node.depth > skip) continue;
    skip = folded.has(node.span.spanId) && node.children.length > 0 ? node.depth : Infinity;
    rows.push(node);
  }
  return rows;
}

/** All spans below one. */
export function below(node) {
  const out = [];
  walk(node.children, out, new Set());
  return out;
}

/** Where the trace begins and ends. */
export function extent(order) {
  let from = Infinity;
  let to = -Infinity;
  for (const node of order) { from = Math.min(from, node.span.startMicros); to = Math.max(to, end(node)); }
  return order.length === 0 ? { from: 0, to: 1 } : { from, to: Math.max(to, from + 1) };
}

/** Lanes of a whole trace for the overview: a span lies below its parent, beside what runs at the same time. */
export function packLanes(order, most = 64) {
  const ends = [];
  const lanes = new Map();
  for (const node of order) {
    let lane = node.parent ? (lanes.get(node.parent) ?? -1) + 1 : 0;
    while (lane < most - 1 && (ends[lane] ?? -Infinity) > node.span.startMicros) lane += 1;
    lane = Math.min(lane, most - 1);
    ends[lane] = Math.max(ends[lane] ?? -Infinity, end(node));
    lanes.set(node, lane);
  }
  return { lanes, count: ends.length };
}
