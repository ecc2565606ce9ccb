/** The head of a trace: what it was, its totals, and what can be done with it. */
import { html, useState } from '../lib.js';
import { Heading } from '../shell.js';
import { Facts, Status, Money, Copy, Dialog, Failure, Skeleton, Notice } from '../ui/bits.js';
import { Icon } from '../ui/icon.js';
import { When } from '../clock.js';
import { count, duration, plural, cost } from '../format.js';
import { forget, useGet } from '../api.js';
import { navigate, withQuery, conversationUrl, logsUrl } from '../router.js';
import { announce } from '../announce.js';
import { dropKeptList } from '../list/feed.js';

/** @param {{trace: import('../types.js').TraceRow}} props */
export function TraceHead({ trace }) {
  const [asking, setAsking] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const title = trace.agent ?? trace.name;
  const cached = trace.cachedTokens !== undefined ? html` <small>(${count(trace.cachedTokens)} cached)</small>` : null;
  const reasoning = trace.reasoningTokens ? html` <small>(${count(trace.reasoningTokens)} reasoning)</small>` : null;
  return html`<div class="trace-head">
    <div class="trace-title"><a class="btn quiet tiny" href="/" title="Back to the list (u)">Traces</a>
      <span class="muted" aria-hidden="true">/</span><${Heading} title=${title} />
      <${Status} status=${trace.status} type=${trace.errorType} /><span class="grow"></span>
      <button type="button" class="btn tiny" onClick=${() => setChoosing(true)}><${Icon} name="compare" small />Compare…</button>
      <a class="btn tiny" href=${logsUrl({ trace: trace.traceId })}>Logs</a>
      <a class="btn tiny" href=${`/api/traces/${trace.traceId}/export`} download><${Icon} name="download" small />OTLP</a>
      <button type="button" class="btn tiny danger" onClick=${() => setAsking(true)}><${Icon} name="trash" small />Forget…</button></div>
    ${trace.lastUserMessage ? html`<p class="last-message" dir="auto" title=${trace.lastUserMessage}>${trace.lastUserMessage}</p>` : null}
    <${Facts} facts=${[
    ['Started', html`<${When} micros=${trace.startMicros} />`], ['Took', duration(trace.durationMicros)],
    ['First chunk', trace.timeToFirstChunkMicros === undefined ? null : duration(trace.timeToFirstChunkMicros)],
    ['Tokens in', trace.inputTokens === undefined ? null : html`${count(trace.inputTokens)}${cached}`], ['out', trace.outputTokens === undefined ? null : html`${count(trace.outputTokens)}${reasoning}`],
    ['Cost', html`<${Money} cost=${trace.cost} unpriced=${trace.unpricedCalls} calls=${trace.calls} stated=${trace.costStated} />${trace.costStated ? html` <small>as the agent states</small>` : null}`],
    ['Calls', count(trace.calls)], ['Tools', count(trace.tools)], ['Spans', count(trace.spans)], trace.errors > 0 ? ['Errors', count(trace.errors)] : null,
    trace.conversationId ? ['Conversation', html`<a class="clip" href=${conversationUrl(trace.conversationId)} title=${trace.conversationId}>
      ${trace.conversationId}</a>`] : null,
    trace.service ? ['Service', trace.service] : null, ['Told by', trace.sources.join(', ')],
    ['Trace', html`<span class="mono id" title=${trace.traceId}>${trace.traceId.slice(0, 8)}…</span> <${Copy} text=${trace.traceId} label="Copy trace id" hideLabel=${true} className="btn quiet tiny" />`],
  ]} />
    <${ForgetDialog} trace=${trace} open=${asking} onClose=${() => setAsking(false)} />
    <${CompareDialog} trace=${trace} open=${choosing} onClose=${() => setChoosing(false)} /></div>`;
}

function ForgetDialog({ trace, open, onClose }) {
  const [error, setError] = useState(null);
  const go = async () => {
    try {
      await forget(trace.traceId);
      dropKeptList();
      announce('The trace is forgotten');
      navigate('/');
    } catch (cause) { setError(cause); }
  };
  return html`<${Dialog} open=${open} onClose=${onClose} title="Forget this trace?">
    <p>Its ${plural(trace.spans, 'span')}, prompts and answers are erased from this store for good. Copies that were sent elsewhere stay there.</p>
    ${error ? html`<${Notice} tone="error">${error.message}<//>` : null}
    <div class="actions spaced"><button type="button" class="btn danger" onClick=${go}>Forget it</button>
      <button type="button" class="btn" onClick=${onClose}>Keep it</button></div><//>`;
}

function CompareDialog({ trace, open, onClose }) {
  const { data, error } = useGet(open ? withQuery('/api/traces', { agent: trace.agent, limit: '40' }) : null);
  const others = data?.traces.filter((row) => row.traceId !== trace.traceId) ?? [];
  return html`<${Dialog} open=${open} onClose=${onClose} title="Compare with…">
    ${error ? html`<${Failure} error=${error} />` : null}${!data && !error ? html`<${Skeleton} rows=${4} />` : null}
    ${data && others.length === 0 ? html`<p>There is no other trace${trace.agent ? ` of the agent ${trace.agent}` : ''} yet. Pick any two in the list instead.</p>` : null}
    <ul class="choices">${others.map((row) => html`<li key=${row.traceId}>
      <a href=${row.startMicros <= trace.startMicros ? withQuery('/compare', { a: row.traceId, b: trace.traceId }) : withQuery('/compare', { a: trace.traceId, b: row.traceId })}>
      <span class="choice-text" dir="auto">${row.lastUserMessage || row.name}</span><span class="muted tnum">
        <${When} micros=${row.startMicros} /> · ${duration(row.durationMicros)} · ${cost(row.cost)} · ${plural(row.calls, 'call')}</span></a>
        </li>`)}</ul><//>`;
}
