/** One span as a row of the waterfall. */
import { html, memo } from '../lib.js';
import { KindIcon, Icon, known } from '../ui/icon.js';
import { below, assignLanes } from './tree.js';
import { count, duration, cost, plural, NONE } from '../format.js';

export const ROW = 28;
const kindWords = { chat: 'model call', tool: 'tool', agent: 'agent', embeddings: 'embeddings', other: 'step' };

/** What a row is called: the tool, the agent or the model, beside the kind's icon. */
export function title(span) {
  if (span.kind === 'tool' && span.tool) return span.tool;
  if (span.kind === 'agent' && span.agent) return span.agent;
  if ((span.kind === 'chat' || span.kind === 'embeddings') && span.model) return span.model;
  return span.name;
}

const ticks = (extent, micros) => (100 * (micros - extent.from)) / (extent.to - extent.from);
const place = (range, span) => {
  const left = Math.max(-1, Math.min(101, ticks(range, span.startMicros)));
  const right = Math.max(-1, Math.min(101, ticks(range, span.startMicros + span.durationMicros)));
  return { left: `${left}%`, width: `${right - left}%` };
};

/** A folded span shows what it holds in lanes inside its own bar. */
function Folded({ node, range }) {
  const inside = below(node).slice(0, 300);
  const leaves = inside.filter((one) => one.children.length === 0).sort((a, b) => a.span.startMicros - b.span.startMicros)
    .map((one) => ({ span: one.span, lane: 0, lanes: 1 }));
  assignLanes(leaves);
  const most = Math.min(4, Math.max(1, ...leaves.map((one) => one.lanes)));
  return leaves.map((one) => html`<span key=${one.span.spanId} class=${`mini kind-${known(one.span.kind)}${one.span.status === 'error' ? ' failed' : ''}`}
    style=${{ ...place(range, one.span), top: `${7 + (one.lane % most) * (14 / most)}px`, height: `${Math.max(2, 14 / most - 1)}px` }}></span>`);
}

function Bar({ node, range, folded }) {
  const { span } = node;
  const style = place(range, span);
  const wait = span.timeToFirstChunkMicros && span.durationMicros > 0 ? Math.min(100, (100 * span.timeToFirstChunkMicros) / span.durationMicros) : 0;
  return html`<div class="bar-cell">
    <span class=${`bar kind-${known(span.kind)} ${span.status}${folded ? ' hollow' : ''}${node.children.length > 0 ? ' holds' : ''}`} style=${style}>${
      wait > 0 ? html`<span class="bar-wait" style=${{ width: `${wait}%` }}></span>` : null}</span>
    ${folded ? html`<${Folded} node=${node} range=${range} />` : null}</div>`;
}

/** @param {{node: import('./tree.js').Node, at: number, selected: boolean, folded: boolean, range: {from: number, to: number}, base: string}} props */
function draw({ node, at, selected, folded, range, base, size, position }) {
  const { span } = node;
  const holds = node.children.length > 0;
  const tokens = span.inputTokens === undefined && span.outputTokens === undefined ? NONE : `${count(span.inputTokens)} → ${count(span.outputTokens)}`;
  return html`<div role="row" id=${`${base}-${span.spanId}`} class=${`span-row${selected ? ' selected' : ''}${span.status === 'error' ? ' failed' : ''}`} style=${{ top: `${at * ROW}px` }}
    data-span=${span.spanId} data-at=${at} aria-rowindex=${at + 2} aria-level=${node.depth + 1} aria-expanded=${holds ? !folded : null} aria-selected=${selected}
    aria-setsize=${size} aria-posinset=${position}>
    <div role="gridcell" class="name-cell" title=${span.name} style=${{ paddingLeft: `${6 + Math.min(node.depth, 14) * 14}px` }}>
      ${holds ? html`<span class="fold" data-fold="1" aria-hidden="true"><${Icon} name=${folded ? 'right' : 'down'} small />
        </span>` : html`<span class="fold-gap"></span>`}
      <${KindIcon} kind=${span.kind} /><span class="sr-only">${kindWords[known(span.kind)]}: </span><span class="span-name">${title(span)}</span>
      ${node.depth > 14 ? html`<span class="tag">depth ${node.depth}</span>` : null}
      ${node.lanes > 1 ? html`<span class="lanes"
        title=${`Runs at the same time as ${plural(node.lanes - 1, 'other')}: lane ${node.lane + 1} of ${node.lanes}`}><${Icon} name="parallel" small /><span class="sr-only">in parallel, lane </span>${node.lane + 1}/${node.lanes}</span>` : null}
      ${folded && holds ? html`<span class="tag">${plural(node.under.spans, 'span')}${node.under.errors ? `, ${plural(node.under.errors, 'error')}` : ''}</span>` : null}
      ${node.orphan ? html`<span class="tag warn" title="Its parent span was not received">no parent</span>` : null}
      ${span.truncated ? html`<span class="tag warn">truncated</span>` : null}
      ${span.status === 'error' ? html`<span class="failed-mark"><${Icon} name="error" small /><span class="sr-only">failed: </span>
        <span>${span.errorType ?? 'error'}</span></span>` : null}
      ${span.status === 'open' || span.status === 'cancelled' ? html`<span class="tag">${span.status === 'open' ? 'running' : 'cancelled'}</span>` : null}
    </div>
    <div role="gridcell" class="num tokens-cell">${tokens}</div>
    <div role="gridcell" class="num cost-cell">${cost(span.cost)}</div>
    <div role="gridcell" class="num dur-cell">${duration(span.durationMicros)}</div>
    <div role="gridcell" class="time-cell" aria-label=${`starts ${duration(span.startMicros - range.origin)} in`}>
      <${Bar} node=${node} range=${range} folded=${folded && holds} /></div>
  </div>`;
}

/** Drawn again only when the row itself changed. */
export const SpanRow = memo(draw);
