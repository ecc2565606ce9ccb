/** One trace as a row of the list. */
import { html, memo } from '../lib.js';
import { When } from '../clock.js';
import { Status, Money } from '../ui/bits.js';
import { Highlight } from '../ui/highlight.js';
import { count, tokens, duration, plural, NONE } from '../format.js';
import { traceUrl } from '../router.js';

const some = (items) => (items.length <= 2 ? items : [...items.slice(0, 2), `+${items.length - 2} more`]);

/** The columns, in order: class, label and, where the label is short for something, the whole of it. */
export const columns = [
  ['c-time', 'Time'], ['c-message', 'Last user message'], ['c-agent a-agent', 'Agent'], ['c-model a-model', 'Model'],
  ['c-tok num', 'In', 'Input tokens, cached ones included'], ['c-tok num', 'Cached', 'Input tokens read from the provider’s cache'], ['c-tok num', 'Out', 'Output tokens, reasoning included'],
  ['c-cost num', 'Cost'], ['c-dur num', 'Duration'], ['c-first num', 'First chunk', 'Time to the first chunk of the first streamed answer'], ['c-status', 'Status'],
];

/** @param {{row: import('../types.js').TraceRow, picked: boolean, query: string, onPick: (id: string) => void}} props */
function draw({ row, picked, query, onPick }) {
  const title = row.lastUserMessage || row.name;
  return html`<tr data-trace=${row.traceId}>
    <td class="pick"><span class="check"><input type="checkbox" checked=${picked} aria-label=${`Pick for comparison: ${title.slice(0, 80)}`} onChange=${() => onPick(row.traceId)} /></span></td>
    <td><${When} micros=${row.startMicros} /></td>
    <td><a class="row-link" href=${traceUrl(row.traceId, row.match?.spanId)} dir="auto"><span class="message" title=${title}>${title}</span></a>
      ${row.match ? html`<div class="snippet" dir="auto"><${Highlight} text=${row.match.snippet} query=${query} /></div>` : null}
      <div class="row-sub">${[row.agent, ...some(row.models), plural(row.spans, 'span'), row.service].filter(Boolean).join(' · ')}</div></td>
    <td class="a-agent wrap-any">${row.agent ?? NONE}</td>
    <td class="a-model wrap-any" title=${row.models.join(', ')}>${row.models.length === 0 ? NONE : some(row.models).map((model) => html`<div key=${model}>${model}</div>`)}</td>
    ${[row.inputTokens, row.cachedTokens, row.outputTokens].map((n, at) => html`<td class="num" key=${at} title=${n >= 1e6 ? count(n) : null}>${tokens(n)}</td>`)}
    <td class="num"><${Money} cost=${row.cost} unpriced=${row.unpricedCalls} calls=${row.calls} stated=${row.costStated} /></td>
    <td class="num">${duration(row.durationMicros)}</td><td class="num">${duration(row.timeToFirstChunkMicros)}</td>
    <td class="status-cell"><${Status} status=${row.status} />${row.status === 'error' && row.errorType ? html`<span class="sub wrap-any">
      ${row.errorType}</span>` : null}${
      row.status !== 'error' && row.errors > 0 ? html`<span class="sub">${plural(row.errors, 'error')} within</span>` : null}</td>
  </tr>`;
}

/** Drawn again only when its trace changed. */
export const Row = memo(draw);
