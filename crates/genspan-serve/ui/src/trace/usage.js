/** Where the time and the money of a span went. */
import { html, useMemo } from '../lib.js';
import { count, duration, money, cost, percent, NONE } from '../format.js';
import { Value } from '../conversation/value.js';
import { Chart } from '../charts/chart.js';

/** @param {{detail: import('../types.js').SpanDetail, node: import('./tree.js').Node}} props */
export function Usage({ detail, node }) {
  return html`<${Timing} detail=${detail} node=${node} /><${Split} detail=${detail} /><${Settings} title="Request" values=${detail.request} />
    <${Settings} title="Response" values=${detail.response} />`;
}

function Timing({ detail, node }) {
  const { span, chunks } = detail;
  const first = chunks?.timeToFirstMicros ?? span.timeToFirstChunkMicros;
  const rest = first === undefined ? undefined : Math.max(0, span.durationMicros - first);
  // Over less than that a rate tells of the network's packets, not of the model.
  const rate = rest >= 5000 && span.outputTokens > 0 ? span.outputTokens / (rest / 1e6) : undefined;
  const gaps = chunks?.gapsMicros ?? [];
  const longest = gaps.length > 0 ? gaps.reduce((most, gap) => Math.max(most, gap)) : undefined;
  const between = rest > 0 && chunks?.count > 1 ? rest / (chunks.count - 1) : undefined;
  const facts = [
    ['Duration', duration(span.durationMicros)],
    ['Time to first chunk', first === undefined ? null : `${duration(first)} (${percent(first, span.durationMicros)})`],
    ['Streaming after it', rest === undefined ? null : duration(rest)],
    ['Chunks', chunks?.count === undefined ? null : count(chunks.count)],
    ['Between chunks, mean', between === undefined ? null : duration(between)],
    ['Longest wait between chunks', longest === undefined ? null : duration(longest)],
    ['Output while streaming', rate === undefined ? null : `${rate >= 100 ? count(rate) : rate.toFixed(1)} tokens/s`],
    ['Runs beside', node.lanes > 1 ? `${node.lanes - 1} other${node.lanes > 2 ? 's' : ''} at most` : null],
  ].filter(([, value]) => value !== null);
  return html`<section class="block"><h3>Timing</h3>
    ${first !== undefined && span.durationMicros > 0 ? html`<div class="phases" aria-hidden="true">
      <span class="phase wait" style=${{ flexGrow: first }}></span><span class="phase stream" style=${{ flexGrow: rest }}></span></div>
      <div class="legend" aria-hidden="true"><span><i class="legend-mark wait"></i>waiting for the first chunk</span><span>
        <i class="legend-mark stream"></i>streaming</span></div>` : null}
    <table class="plain"><tbody>${facts.map(([term, value]) => html`<tr key=${term}><th scope="row">${term}</th><td class="num">${value}</td>
      </tr>`)}</tbody></table>${gaps.length > 1 ? html`<${Gaps} gaps=${gaps} run=${chunks.gapRun ?? 1} />` : null}</section>`;
}

/** How long each chunk let wait for it: where a stream stood still, a peak stands out. */
function Gaps({ gaps, run }) {
  const x = useMemo(() => gaps.map((_, at) => at * run + 2), [gaps, run]);
  const series = useMemo(() => [{ label: run > 1 ? `Longest wait of ${count(run)} chunks` : 'Wait for the chunk', values: gaps }], [gaps, run]);
  return html`<div class="gaps"><${Chart} title="Between chunks" unit=${run > 1 ? `the longest of each ${count(run)}` : undefined} x=${x} xLabel=${(n) => (run > 1 ? `chunks ${count(n)} to ${count(n + run - 1)}` : `chunk ${count(n)}`)}
    xTitle="Chunk" series=${series} show=${duration} /></div>`;
}

/** Tokens by part and what each cost; a part without a price says so. */
function Split({ detail }) {
  const { span, costSplit } = detail;
  const uncached = span.inputTokens === undefined ? undefined : span.inputTokens - (span.cachedTokens ?? 0);
  const parts = costSplit?.length > 0 ? costSplit : [
    { part: 'input', tokens: uncached }, { part: 'cached input', tokens: span.cachedTokens },
    { part: 'output', tokens: span.outputTokens === undefined ? undefined : span.outputTokens - (span.reasoningTokens ?? 0) }, { part: 'reasoning', tokens: span.reasoningTokens },
  ].filter(({ tokens }) => tokens !== undefined);
  if (parts.length === 0) return html`<section class="block"><h3>Tokens and cost</h3><p class="muted">No tokens were stated.</p></section>`;
  const total = parts.reduce((sum, { amount }) => sum + Number(amount ?? 0), 0);
  const currency = span.cost?.currency ?? 'USD';
  const tokens = parts.reduce((sum, one) => sum + (one.tokens ?? 0), 0);
  // Flex shares below one in sum would leave the bar unfilled.
  const share = (one) => (total > 0 ? (100 * Number(one.amount ?? 0)) / total : (100 * (one.tokens ?? 0)) / Math.max(1, tokens));
  return html`<section class="block"><h3>Tokens and cost</h3>
    <div class="phases" aria-hidden="true">${parts.map((one, at) => html`<span key=${one.part} class=${`phase s${at + 1}`} style=${{ flexGrow: share(one) }}></span>`)}</div>
    <table class="plain wide"><thead><tr><th scope="col">Part</th><th scope="col" class="num">Tokens</th><th scope="col" class="num">Cost</th>
      <th scope="col" class="num">Share</th></tr></thead>
      <tbody>${parts.map((one, at) => html`<tr key=${one.part}><th scope="row"><i class=${`legend-mark s${at + 1}`} aria-hidden="true"></i>
        ${one.part}</th><td class="num">${count(one.tokens)}</td>
        <td class="num">${one.amount === undefined ? html`<span class="muted">unpriced</span>` : money(one.amount, currency)}</td>
          <td class="num">${total > 0 ? percent(Number(one.amount ?? 0), total) : NONE}</td></tr>`)}</tbody>
      <tfoot><tr><th scope="row">Total</th><td class="num">${count(tokens)}</td>
        <td class="num">${span.cost ? cost(span.cost) : html`<span class="muted">unpriced</span>`}</td><td></td></tr></tfoot></table>
    ${span.cost ? null : html`<p class="muted">No price is known for ${span.model ?? 'this model'}; give one with <code>--prices FILE</code>.</p>`}</section>`;
}

/** Members that Timing says already, and better. */
const said = ['timeToFirstChunk'];
const words = (key) => key.replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' ').toLowerCase();

function Settings({ title, values }) {
  const entries = Object.entries(values ?? {}).filter(([key, value]) => value !== null && value !== undefined && !said.includes(key));
  if (entries.length === 0) return null;
  return html`<section class="block"><h3>${title}</h3><table class="plain"><tbody>${entries.map(([key, value]) => html`<tr key=${key}>
    <th scope="row">${words(key)}</th><td><${Value} value=${value} /></td></tr>`)}</tbody></table></section>`;
}
