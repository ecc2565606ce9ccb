/** One trace: its waterfall, and beside it what the selected span said and did. */
import { html, useState, useEffect, useMemo, useRef, useCallback } from '../lib.js';
import { useGet } from '../api.js';
import { useRevision } from '../live.js';
import { useKeys } from '../keys.js';
import { useQuery, navigate } from '../router.js';
import { Heading } from '../shell.js';
import { Failure, Skeleton } from '../ui/bits.js';
import { Icon } from '../ui/icon.js';
import { TraceHead } from './head.js';
import { Overview } from './overview.js';
import { Waterfall } from './waterfall.js';
import { Detail } from './detail.js';
import { Splitter } from './splitter.js';
import { buildTree, visible, extent as extentOf } from './tree.js';
import { announce } from '../announce.js';
import { plural } from '../format.js';

/** The span to begin with: the last answer of a model, which holds the whole conversation, else the first span. */
function firstToRead(tree) {
  const calls = tree.order.filter((node) => node.span.kind === 'chat');
  const good = calls.filter((node) => node.span.status === 'ok');
  const highest = good.reduce((least, node) => Math.min(least, node.depth), Infinity);
  return good.filter((node) => node.depth === highest).at(-1) ?? calls.at(-1) ?? tree.order[0] ?? null;
}

/** Which spans are folded; unfolds the way to a span that is selected. */
function useFolds(tree) {
  const [folded, setFolded] = useState(() => new Set());
  const toggle = useCallback((node) => setFolded((old) => {
    const next = new Set(old);
    if (!next.delete(node.span.spanId)) next.add(node.span.spanId);
    return next;
  }), []);
  const reveal = useCallback((node) => setFolded((old) => {
    const hiding = [];
    for (let up = node.parent; up; up = up.parent) if (old.has(up.span.spanId)) hiding.push(up.span.spanId);
    return hiding.length === 0 ? old : new Set([...old].filter((id) => !hiding.includes(id)));
  }), []);
  const foldAgents = () => setFolded(new Set(tree.order.filter((node) => node.depth > 0 && node.span.kind === 'agent' && node.children.length > 0).map((node) => node.span.spanId)));
  return { folded, toggle, reveal, foldAgents, unfoldAll: () => setFolded(new Set()), anyFolded: folded.size > 0 };
}

/** The selected span; the address follows a moment later, so that holding an arrow key does not flood the history. */
function useSelection(tree, query, change) {
  const [id, setId] = useState(query.span ?? null);
  // What this page wrote into the address itself must not come back as a choice: another may have been made since.
  const written = useRef(query.span);
  useEffect(() => {
    if (!query.span || query.span === written.current) return;
    written.current = query.span;
    setId(query.span);
  }, [query.span]);
  const selected = useMemo(() => (id ? tree.byId.get(id) ?? null : null) ?? firstToRead(tree), [tree, id]);
  useEffect(() => {
    if (!id || id === query.span) return undefined;
    const timer = setTimeout(() => { written.current = id; change({ span: id }); }, 180);
    return () => clearTimeout(timer);
  }, [id]);
  return [selected, useCallback((node) => setId(node.span.spanId), [])];
}

/** `/traces/ID`. */
export function TraceView({ traceId, address }) {
  const { data, error, reload } = useGet(`/api/traces/${encodeURIComponent(traceId)}`);
  const fresh = data && (data.trace.status === 'open' || Date.now() * 1000 - (data.trace.startMicros + data.trace.durationMicros) < 120e6);
  useRevision(() => { if (fresh || error) reload(); }, 2000);
  if (error && !data) return html`<div class="page-head"><${Heading} title="Trace" /></div><div class="pad stack">
    <${Failure} error=${error} retry=${reload} /><a class="btn" href="/">All traces</a></div>`;
  if (!data) return html`<${Heading} title="Trace" hidden=${true} /><${Skeleton} rows=${14} />`;
  return html`<${Loaded} data=${data} address=${address} />`;
}

function Loaded({ data, address }) {
  const { trace } = data;
  const [query, change] = useQuery(address);
  const tree = useMemo(() => {
    const began = performance.now();
    const built = buildTree(data.spans);
    performance.measure('genspan:tree', { start: began });
    return built;
  }, [data.spans]);
  const extent = useMemo(() => extentOf(tree.order), [tree]);
  const [zoom, setZoom] = useState(null);
  const range = useMemo(() => ({ ...(zoom ?? extent), origin: extent.from }), [zoom, extent]);
  const folds = useFolds(tree);
  const [selected, select] = useSelection(tree, query, change);
  const rows = useMemo(() => visible(tree, folds.folded), [tree, folds.folded]);
  const detail = useRef(null);
  useEffect(() => { if (selected) folds.reveal(selected); }, [selected]);
  useTraceKeys({ tree, rows, selected, select, setZoom, zoom, extent, folds });
  const read = () => detail.current?.querySelector('h2')?.focus();
  const subAgents = tree.order.some((node) => node.depth > 0 && node.span.kind === 'agent' && node.children.length > 0);
  return html`<${TraceHead} trace=${trace} />
    <${Splitter} left=${html`<section class="timeline" aria-label="Timeline">
      <${Overview} tree=${tree} extent=${extent} range=${zoom} setRange=${setZoom} selected=${selected} onSelect=${select} />
      <div class="timeline-bar"><span class="muted tnum">${plural(rows.length, 'row')}${folds.anyFolded ? ` of ${tree.order.length}` : ''}</span>
        <span class="grow"></span>
        ${subAgents ? html`<button type="button" class="btn quiet tiny" onClick=${folds.foldAgents}>Fold sub-agents</button>` : null}
        ${folds.anyFolded ? html`<button type="button" class="btn quiet tiny" onClick=${folds.unfoldAll}>Unfold all</button>` : null}
        <button type="button" class="btn quiet tiny icon-only" aria-label="Zoom in" title="Zoom in on the span (+)" onClick=${() => setZoom(zoomed(range, extent, selected, 0.5))}><${Icon} name="plus" small /></button>
        <button type="button" class="btn quiet tiny icon-only" aria-label="Zoom out" title="Zoom out (-)" onClick=${() => setZoom(zoomed(range, extent, selected, 2))}><${Icon} name="minus" small /></button>
        <button type="button" class="btn quiet tiny" disabled=${!zoom} onClick=${() => setZoom(null)}>Whole trace</button></div>
      <${Waterfall} rows=${rows} roots=${tree.roots} folded=${folds.folded} toggle=${folds.toggle} selected=${selected} onSelect=${select} onRead=${read} range=${range} onUnfoldAll=${folds.unfoldAll} />
    </section>`} right=${html`<section class="detail" aria-label="Selected span" ref=${detail}>${selected
      ? html`<${Detail} trace=${trace} node=${selected} tree=${tree} select=${select} query=${query} change=${change} />` : html`<div class="empty"><p>This trace holds no spans yet.</p></div>`}</section>`} />`;
}

/** A narrower or wider range round the selected span. */
function zoomed(range, extent, selected, factor) {
  const size = (range.to - range.from) * factor;
  if (size >= extent.to - extent.from) return null;
  const span = selected?.span;
  const middle = span ? span.startMicros + Math.min(span.durationMicros, size) / 2 : (range.from + range.to) / 2;
  const from = Math.max(extent.from, Math.min(extent.to - size, middle - size / 2));
  return { from, to: from + Math.max(1, size) };
}

function useTraceKeys({ tree, rows, selected, select, setZoom, zoom, extent, folds }) {
  const find = (by, wanted, what) => {
    const at = tree.order.indexOf(selected);
    for (let step = 1; step <= tree.order.length; step += 1) {
      const node = tree.order[(at + by * step + tree.order.length * 2) % tree.order.length];
      if (wanted(node)) { select(node); return; }
    }
    announce(`There is no ${what}`);
  };
  const range = zoom ?? extent;
  const by = (step) => { const node = rows[rows.indexOf(selected) + step]; if (node) select(node); };
  useKeys({
    j: () => by(1),
    k: () => by(-1),
    ']': () => find(1, (node) => node.span.kind === 'chat', 'call to a model'),
    '[': () => find(-1, (node) => node.span.kind === 'chat', 'call to a model'),
    e: () => find(1, (node) => node.span.status === 'error', 'error'),
    u: () => navigate('/'),
    '+': () => setZoom(zoomed(range, extent, selected, 0.5)),
    '-': () => setZoom(zoomed(range, extent, selected, 2)),
    0: () => setZoom(null),
    '*': folds.unfoldAll,
  });
}
