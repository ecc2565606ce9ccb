/** Two traces side by side. */
import { html, useMemo, useState } from '../lib.js';
import { useGet } from '../api.js';
import { useQuery, withQuery, traceUrl } from '../router.js';
import { useKeys } from '../keys.js';
import { Heading } from '../shell.js';
import { Failure, Skeleton, Status } from '../ui/bits.js';
import { KindIcon } from '../ui/icon.js';
import { When } from '../clock.js';
import { title } from '../trace/row.js';
import { align } from './align.js';
import { Texts } from './texts.js';
import { Delta } from './delta.js';
import { count, duration, cost, NONE } from '../format.js';

const measures = [
  ['Duration', 'durationMicros', duration], ['First chunk', 'timeToFirstChunkMicros', duration], ['Input tokens', 'inputTokens', count], ['Cached tokens', 'cachedTokens', count],
  ['Output tokens', 'outputTokens', count], ['Reasoning tokens', 'reasoningTokens', count], ['Cost', 'cost', cost], ['Calls to models', 'calls', count], ['Tools', 'tools', count], ['Spans', 'spans', count], ['Errors', 'errors', count],
];

/** `/compare?a=ID&b=ID`. */
export function CompareView({ address }) {
  const [query, change] = useQuery(address);
  const path = (id) => (id ? `/api/traces/${encodeURIComponent(id)}` : null);
  const a = useGet(path(query.a));
  const b = useGet(path(query.b));
  if (!query.a || !query.b) return html`<div class="empty"><${Heading} title="Compare" />
    <p>Two traces are needed. Pick them in the list (<kbd>x</kbd> on a row), or use “Compare…” in a trace.</p>
    <a class="btn" href="/">All traces</a></div>`;
  const error = a.error ?? b.error;
  if (error) return html`<div class="page-head"><${Heading} title="Compare" /></div><div class="pad stack">
    <${Failure} error=${error} retry=${() => { a.reload(); b.reload(); }} /></div>`;
  if (!a.data || !b.data) return html`<div class="page-head"><${Heading} title="Compare" /></div><${Skeleton} rows=${12} />`;
  return html`<${Loaded} a=${a.data} b=${b.data} query=${query} change=${change} />`;
}

function Loaded({ a, b, query, change }) {
  const rows = useMemo(() => align(a.spans, b.spans), [a, b]);
  const selected = rows.find((row) => row.id === query.pair) ?? rows.find((row) => (row.a ?? row.b).span.kind === 'chat') ?? rows[0];
  const [most, setMost] = useState(400);
  const select = (row) => change({ pair: row.id });
  const by = (step) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(selected) + step))];
    if (!next) return;
    select(next);
    document.getElementById(`pair-${next.id}`)?.scrollIntoView({ block: 'nearest' });
  };
  useKeys({ j: () => by(1), k: () => by(-1) });
  return html`<div class="page-head"><${Heading} title="Compare" /><span class="grow"></span>
    <a class="btn tiny" href=${withQuery('/compare', { a: query.b, b: query.a })}>Swap A and B</a></div>
    <div class="compare"><div class="compare-left scroll" tabIndex="0" role="region" aria-label="Totals and spans">
      <${Totals} a=${a.trace} b=${b.trace} />
      <table class="pairs-table" aria-label="Spans of A and B by structure"><thead><tr><th scope="col" rowSpan="2">Span</th>
        <th scope="colgroup" colSpan="3" class="group">Duration</th><th scope="colgroup" colSpan="3" class="group">Tokens</th>
        <th scope="col" class="group">Cost</th></tr>
        <tr>${['A', 'B', 'Difference', 'A', 'B', 'Difference', 'Difference'].map((label, at) => html`<th scope="col" class="num" key=${at}>
          ${label}</th>`)}</tr></thead>
        <tbody>${rows.slice(0, most).map((row) => html`<${Pair} key=${row.id} row=${row} selected=${row === selected} onSelect=${() => select(row)} />`)}</tbody></table>
      ${rows.length > most ? html`<div class="list-foot"><button type="button" class="btn" onClick=${() => setMost(most + 1000)}>Show ${count(Math.min(1000, rows.length - most))} more of ${count(rows.length)} rows</button></div>` : null}
    </div>${selected ? html`<${Texts} key=${selected.id} a=${{ traceId: a.trace.traceId, node: selected.a }} b=${{ traceId: b.trace.traceId, node: selected.b }} />` : null}</div>`;
}

function Side({ name, trace }) {
  return html`<div class="side"><strong>${name}</strong><div><a href=${traceUrl(trace.traceId)}>
    ${trace.agent ?? trace.name}</a> <${Status} status=${trace.status} type=${trace.errorType} />
    <div class="muted"><${When} micros=${trace.startMicros} /> · ${trace.models.join(', ') || NONE}</div>
      ${trace.lastUserMessage ? html`<div class="soft side-text" dir="auto" title=${trace.lastUserMessage}>
      ${trace.lastUserMessage}</div>` : null}</div></div>`;
}

function Totals({ a, b }) {
  const rows = measures.filter(([, key]) => a[key] !== undefined || b[key] !== undefined);
  return html`<div class="sides"><${Side} name="A" trace=${a} /><${Side} name="B" trace=${b} /></div>
    <dl class="totals" aria-label="Totals, from A to B">${rows.map(([label, key, show]) => html`<div key=${key}><dt>${label}</dt>
      <dd class="tnum"><span class="nowrap">${show(a[key])} → ${show(b[key])}</span> <${Delta} a=${a[key]} b=${b[key]} show=${show} /></dd>
      </div>`)}</dl>`;
}

const tokens = (node) => (node && (node.span.inputTokens !== undefined || node.span.outputTokens !== undefined) ? (node.span.inputTokens ?? 0) + (node.span.outputTokens ?? 0) : undefined);

function Pair({ row, selected, onSelect }) {
  const { a, b, depth } = row;
  const either = (a ?? b).span;
  const models = a && b && title(a.span) !== title(b.span);
  return html`<tr id=${`pair-${row.id}`} class=${`${selected ? 'selected' : ''}${a ? '' : ' only-b'}${b ? '' : ' only-a'}`}>
    <th scope="row" style=${{ paddingLeft: `${8 + Math.min(depth, 12) * 14}px` }}><div class="pair-head">
      <button type="button" class="pair-name" aria-pressed=${selected} onClick=${onSelect}><${KindIcon} kind=${either.kind} />
        <span class="wrap-any">${models ? `${title(a.span)} → ${title(b.span)}` : title(either)}</span></button>
      ${a ? null : html`<span class="tag added">only in B</span>`}${b ? null : html`<span class="tag removed">only in A</span>`}
      ${[a, b].map((node, at) => (node?.span.status === 'error' ? html`<span class="tag error" key=${at}>error in ${at === 0 ? 'A' : 'B'}</span>` : null))}</div></th>
    <td class="num">${duration(a?.span.durationMicros)}</td><td class="num">${duration(b?.span.durationMicros)}</td><td class="num">
      <${Delta} a=${a?.span.durationMicros} b=${b?.span.durationMicros} show=${duration} /></td>
    <td class="num">${count(tokens(a))}</td><td class="num">${count(tokens(b))}</td><td class="num"><${Delta} a=${tokens(a)} b=${tokens(b)} show=${count} /></td>
    <td class="num"><${Delta} a=${a?.span.cost} b=${b?.span.cost} show=${cost} /></td></tr>`;
}
