/** The whole trace at a glance: every span in a lane of its own time. Dragging picks a part of the time, clicking a span. */
import { html, useRef, useEffect, useMemo, useState } from '../lib.js';
import { packLanes } from './tree.js';
import { known } from '../ui/icon.js';
import { useTheme } from '../theme.js';

const MAX_HEIGHT = 84;

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return { chat: of('--chat'), tool: of('--tool'), agent: of('--agent'), embeddings: of('--embeddings'), other: of('--other'), error: of('--error'), text: of('--text') };
}

function paint(canvas, width, height, order, packed, extent, selected) {
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const draw = canvas.getContext('2d');
  draw.scale(scale, scale);
  const colour = colours();
  const lane = height / packed.count;
  const x = (micros) => ((micros - extent.from) / (extent.to - extent.from)) * width;
  for (const node of order) {
    const { span } = node;
    draw.fillStyle = span.status === 'error' ? colour.error : colour[known(span.kind)];
    draw.globalAlpha = span.kind === 'agent' && node.children.length > 0 ? 0.55 : 1;
    draw.fillRect(x(span.startMicros), packed.lanes.get(node) * lane, Math.max(1, x(span.startMicros + span.durationMicros) - x(span.startMicros)), Math.max(1, lane - (lane > 3 ? 1 : 0)));
  }
  draw.globalAlpha = 1;
  if (selected) {
    draw.strokeStyle = colour.text;
    draw.lineWidth = 1.5;
    draw.strokeRect(x(selected.span.startMicros) - 0.5, packed.lanes.get(selected) * lane, Math.max(3, x(selected.span.startMicros + selected.span.durationMicros) - x(selected.span.startMicros)), Math.max(3, lane - 1));
  }
}

/** The picture has no words of its own: the table below it says the same to a keyboard and a screen reader. */
export function Overview({ tree, extent, range, setRange, selected, onSelect }) {
  const box = useRef(null);
  const canvas = useRef(null);
  const drag = useRef(null);
  const [width, setWidth] = useState(0);
  const [sketch, setSketch] = useState(null);
  const theme = useTheme();
  const packed = useMemo(() => packLanes(tree.order), [tree]);
  const height = Math.max(24, Math.min(MAX_HEIGHT, packed.count * 9));
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (width > 0) paint(canvas.current, width, height, tree.order, packed, extent, selected);
  }, [tree, width, height, theme, selected, extent]);
  const at = (event) => {
    const place = box.current.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - place.left) / place.width));
    return { micros: extent.from + share * (extent.to - extent.from), lane: Math.floor(((event.clientY - place.top) / height) * packed.count) };
  };
  const down = (event) => { drag.current = { from: at(event), x: event.clientX }; event.currentTarget.setPointerCapture(event.pointerId); };
  const moved = (event) => {
    if (!drag.current || Math.abs(event.clientX - drag.current.x) < 4) return;
    const to = at(event).micros;
    setSketch({ from: Math.min(drag.current.from.micros, to), to: Math.max(drag.current.from.micros, to) });
  };
  const up = (event) => {
    if (!drag.current) return;
    const { from, x } = drag.current;
    drag.current = null;
    setSketch(null);
    if (Math.abs(event.clientX - x) >= 4) {
      const to = at(event).micros;
      setRange({ from: Math.min(from.micros, to), to: Math.max(from.micros, to, Math.min(from.micros, to) + 1) });
      return;
    }
    const slack = (extent.to - extent.from) / Math.max(1, width) * 2;
    const hit = tree.order.filter((node) => packed.lanes.get(node) === from.lane)
      .find(({ span }) => span.startMicros - slack <= from.micros && from.micros <= span.startMicros + span.durationMicros + slack);
    if (hit) onSelect(hit);
  };
  const shown = sketch ?? range;
  const share = (micros) => `${(100 * (micros - extent.from)) / (extent.to - extent.from)}%`;
  return html`<div class="overview" ref=${box} style=${{ height: `${height}px` }} aria-hidden="true" onPointerDown=${down} onPointerMove=${moved} onPointerUp=${up}
    onDblClick=${() => setRange(null)}><canvas ref=${canvas} style=${{ width: '100%', height: `${height}px` }}></canvas>
    ${shown ? html`<div class="overview-veil" style=${{ left: 0, width: share(shown.from) }}></div>
      <div class="overview-veil" style=${{ left: share(shown.to), right: 0 }}></div>` : null}</div>`;
}
