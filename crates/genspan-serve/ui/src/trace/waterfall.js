/** The waterfall: a treegrid that draws only the rows in sight. One tab stop; arrows move within it. */
import { html, useRef, useState, useEffect, useLayoutEffect, useMemo, useId, useLatest } from '../lib.js';
import { SpanRow, ROW } from './row.js';
import { duration } from '../format.js';

const OVER = 12;
const STEP = 4;

const minute = 60e6;
const LONG_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440, 2880, 10_080].map((n) => n * minute);

/** Round times that divide a range into about four. */
export function marks(range) {
  const rough = (range.to - range.from) / 4;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const steps = rough > minute / 2 ? LONG_STEPS : [1, 2, 5, 10].map((n) => n * power);
  const step = steps.find((n) => n >= rough) ?? rough;
  const out = [];
  const first = Math.ceil((range.from - range.origin) / step) * step;
  for (let at = first; at + range.origin <= range.to && out.length < 20; at += step) out.push({ at, share: (100 * (at + range.origin - range.from)) / (range.to - range.from) });
  return out;
}

/**
 * The rows in sight, and the first of them as an anchor: what is being read keeps its place when rows come in above it.
 * One listener reads the height once a frame; a second reading, after rows were drawn, would make the browser lay out twice.
 */
function useWindow(box, rows) {
  const [view, setView] = useState({ first: 0, rows: 40 });
  const anchor = useRef(null);
  const latest = useLatest(rows);
  useLayoutEffect(() => {
    const element = box.current;
    const measure = () => {
      const at = Math.floor(element.scrollTop / ROW);
      anchor.current = { rows: latest.current, at, id: latest.current[at]?.span.spanId };
      const first = Math.floor(at / STEP) * STEP;
      const inSight = Math.ceil(element.clientHeight / ROW) + STEP;
      setView((old) => (old.first === first && old.rows === inSight ? old : { first, rows: inSight }));
    };
    measure();
    element.addEventListener('scroll', measure, { passive: true });
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => { element.removeEventListener('scroll', measure); watch.disconnect(); };
  }, []);
  useLayoutEffect(() => {
    const before = anchor.current;
    if (!before || before.rows === rows || before.at === 0) return;
    const at = rows.findIndex((node) => node.span.spanId === before.id);
    anchor.current = { ...before, rows };
    if (at >= 0 && at !== before.at) box.current.scrollTop += (at - before.at) * ROW;
  }, [rows]);
  return view;
}

function placeAmong(node, roots) {
  const siblings = node.parent ? node.parent.children : roots;
  return { size: siblings.length, position: siblings.length > 500 ? null : siblings.indexOf(node) + 1 };
}

/** @param {{rows: import('./tree.js').Node[], roots: any[], folded: Set<string>, toggle: Function, selected: any, onSelect: Function, onRead: () => void, range: any, onUnfoldAll: () => void}} props */
export function Waterfall({ rows, roots, folded, toggle, selected, onSelect, onRead, range, onUnfoldAll }) {
  const box = useRef(null);
  const base = useId('span');
  const view = useWindow(box, rows);
  const at = useMemo(() => rows.indexOf(selected), [rows, selected]);
  const from = Math.max(0, view.first - OVER);
  const to = Math.min(rows.length, view.first + view.rows + OVER);
  const shown = rows.slice(from, to).map((node, offset) => ({ node, at: from + offset }));
  if (at >= 0 && (at < from || at >= to)) shown.push({ node: selected, at });

  useEffect(() => {
    if (at < 0) return;
    const element = box.current;
    const top = at * ROW;
    const head = ROW; // the sticky header covers the first row's height
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW + head > element.scrollTop + element.clientHeight) element.scrollTop = top + ROW + head - element.clientHeight;
  }, [selected]);

  const go = (index) => { const node = rows[Math.max(0, Math.min(rows.length - 1, index))]; if (node) onSelect(node); };
  const keys = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at - 1),
    Home: () => go(0),
    End: () => go(rows.length - 1),
    PageDown: () => go(at + view.rows - STEP - 2),
    PageUp: () => go(at - view.rows + STEP + 2),
    ArrowRight: () => {
      if (!selected || selected.children.length === 0) return;
      if (folded.has(selected.span.spanId)) toggle(selected); else go(at + 1);
    },
    ArrowLeft: () => {
      if (!selected) return;
      if (selected.children.length > 0 && !folded.has(selected.span.spanId)) toggle(selected); else if (selected.parent) onSelect(selected.parent);
    },
    Enter: onRead,
    ' ': () => { if (selected?.children.length > 0) toggle(selected); },
    '*': onUnfoldAll,
  };
  const onKeyDown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  };
  const onClick = (event) => {
    const row = event.target.closest('[data-at]');
    if (!row) return;
    const node = rows[Number(row.dataset.at)];
    if (event.target.closest('[data-fold]')) toggle(node); else onSelect(node);
  };
  return html`<div class="waterfall" role="treegrid" aria-label="Spans" tabIndex="0" ref=${box} aria-rowcount=${rows.length + 1} aria-activedescendant=${at >= 0 ? `${base}-${selected.span.spanId}` : null}
    onKeyDown=${onKeyDown} onClick=${onClick}>
    <div role="rowgroup" class="span-head"><div role="row" class="span-head-row" aria-rowindex="1">
      <div role="columnheader" class="name-cell">Span</div><div role="columnheader" class="num tokens-cell">Tokens in → out</div>
        <div role="columnheader" class="num cost-cell">Cost</div>
      <div role="columnheader" class="num dur-cell">Duration</div><div role="columnheader" class="time-cell" aria-label="Timeline">
        <div class="ruler">${marks(range).map((mark) => html`<span key=${mark.at} class="mark"
        style=${{ left: `${mark.share}%` }}>${mark.share > 80 ? '' : mark.at === 0 ? '0' : duration(mark.at)}</span>`)}</div></div></div></div>
    <div role="rowgroup" class="span-body" style=${{ height: `${rows.length * ROW}px` }}>
      ${shown.map((row) => { const { size, position } = placeAmong(row.node, roots); return html`<${SpanRow} key=${row.node.span.spanId} node=${row.node} at=${row.at} selected=${row.node === selected}
        folded=${folded.has(row.node.span.spanId)} range=${range} base=${base} size=${size} position=${position} />`; })}
    </div></div>`;
}
