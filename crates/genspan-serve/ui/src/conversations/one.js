/** `/conversations/ID`: totals, how the context grew, and every call in order. */
import { html, useMemo, useState } from '../lib.js';
import { useGet } from '../api.js';
import { useRevision } from '../live.js';
import { Heading } from '../shell.js';
import { Failure, Skeleton, Facts, Money, Status } from '../ui/bits.js';
import { Chart } from '../charts/chart.js';
import { When } from '../clock.js';
import { traceUrl, withQuery, logsUrl } from '../router.js';
import { count, compact, duration, cost, percent, plural } from '../format.js';

export function ConversationView({ id }) {
  const { data, error, reload } = useGet(`/api/conversations/${encodeURIComponent(id)}`);
  useRevision(reload, 3000);
  if (error && !data) return html`<div class="page-head"><${Heading} title="Conversation" /></div><div class="pad stack">
    <${Failure} error=${error} retry=${reload} /><a class="btn" href="/conversations">All conversations</a></div>`;
  if (!data) return html`<${Heading} title="Conversation" hidden=${true} /><${Skeleton} rows=${12} />`;
  return html`<${Loaded} data=${data} />`;
}

function Loaded({ data }) {
  const { conversation, traces, calls } = data;
  const cachedShare = conversation.inputTokens > 0 && conversation.cachedTokens !== undefined ? html` <small>(${percent(conversation.cachedTokens, conversation.inputTokens)} cached)</small>` : null;
  const last = [...calls].reverse().find((call) => call.status === 'ok') ?? calls.at(-1);
  return html`<div class="trace-head"><div class="trace-title"><a class="btn quiet tiny" href="/conversations">Conversations</a>
    <span class="muted" aria-hidden="true">/</span><${Heading} title=${conversation.agents.join(', ') || 'Conversation'} />
      <span class="mono muted wrap-any">${conversation.conversationId}</span><span class="grow"></span>
      <a class="btn tiny" href=${logsUrl({ conversation: conversation.conversationId })}>Logs</a>
      ${last ? html`<a class="btn tiny" href=${withQuery(`/traces/${last.traceId}`, { span: last.spanId, all: '1' })}>Read it whole</a>` : null}</div>
    ${conversation.lastUserMessage ? html`<p class="last-message" dir="auto" title=${conversation.lastUserMessage}>${conversation.lastUserMessage}</p>` : null}
    <${Facts} facts=${[['Began', html`<${When} micros=${conversation.firstMicros} />`], ['Last', html`<${When} micros=${conversation.lastMicros} />`], ['Traces', count(conversation.traces)], ['Calls', count(conversation.calls)],
    conversation.inputTokens === undefined ? null : ['Tokens in', html`${count(conversation.inputTokens)}${cachedShare}`], conversation.outputTokens === undefined ? null : ['out', count(conversation.outputTokens)],
    ['Cost', html`<${Money} cost=${conversation.cost} unpriced=${conversation.unpricedCalls} calls=${conversation.calls} stated=${conversation.costStated} />${conversation.costStated ? html` <small>as the agents state</small>` : null}`], ['Models', conversation.models.join(', ') || '–'], ['Errors', count(conversation.errors)]]} /></div>
    <div class="pad scroll conversation-page" tabIndex="0" role="region" aria-label="Calls of the conversation"><${Growth} calls=${calls} />
      <${Traces} traces=${traces} /><${Calls} calls=${calls} /></div>`;
}

/** Input tokens call by call: how the context grew, and how much of it came from the cache. */
function Growth({ calls }) {
  const stated = useMemo(() => calls.filter((call) => call.inputTokens !== undefined), [calls]);
  const x = useMemo(() => stated.map((_, at) => at + 1), [stated]);
  const tokens = useMemo(() => [{ label: 'Input', values: stated.map((call) => call.inputTokens) }, { label: 'of it cached', values: stated.map((call) => call.cachedTokens ?? null) },
    { label: 'Output', values: stated.map((call) => call.outputTokens ?? null) }], [stated]);
  const spent = useMemo(() => {
    let sum = 0;
    return [{ label: 'Cost so far', values: stated.map((call) => (sum += Number(call.cost?.amount ?? 0))) }];
  }, [stated]);
  const currency = stated.find((call) => call.cost)?.cost.currency;
  return html`<h2 class="sr-only">Growth</h2><div class="chart-grid two">
    <${Chart} title="Context growth" unit="tokens a call" x=${x} xLabel=${(n) => `call ${n}`} xTitle="Call" series=${tokens} show=${compact} exact=${count} whole=${true} />
    ${currency ? html`<${Chart} title="Cost so far" unit=${currency} x=${x} xLabel=${(n) => `call ${n}`} xTitle="Call" series=${spent} show=${(amount) => cost({ amount, currency })} />` : null}</div>`;
}

function Traces({ traces }) {
  return html`<section class="block"><h2>${plural(traces.length, 'trace')}</h2><ol class="turns">
    ${traces.map((row) => html`<li key=${row.traceId}><a href=${traceUrl(row.traceId)} dir="auto" class="turn-text">
    ${row.lastUserMessage || row.name}</a>
    <span class="muted tnum"><${When} micros=${row.startMicros} short=${true} /> · ${plural(row.calls, 'call')} · ${count(row.inputTokens)} → ${count(row.outputTokens)} tokens · ${row.cost ? cost(row.cost) : row.unpricedCalls > 0 ? 'unpriced' : 'no cost'} · ${duration(row.durationMicros)}</span>
    ${row.status === 'ok' ? null : html`<${Status} status=${row.status} type=${row.errorType} />`}</li>`)}</ol></section>`;
}

function Calls({ calls }) {
  const [most, setMost] = useState(200);
  return html`<section class="block"><h2>${plural(calls.length, 'call')}</h2><table class="plain wide striped" aria-label="Calls"><thead><tr>
    <th scope="col" class="num">#</th><th scope="col">Time</th><th scope="col">Model</th><th scope="col" class="num">Tokens in</th>
    <th scope="col" class="num">Cached</th>
      <th scope="col" class="num">Out</th><th scope="col" class="num">Cost</th><th scope="col" class="num">Duration</th><th scope="col">Status</th></tr></thead>
    <tbody>${calls.slice(0, most).map((call, at) => html`<tr key=${call.spanId}><td class="num muted">${at + 1}</td><td>
      <${When} micros=${call.startMicros} short=${true} /></td><td class="wrap-any"><a href=${traceUrl(call.traceId, call.spanId)}>
      ${call.model ?? 'unknown model'}</a></td>
      <td class="num">${count(call.inputTokens)}</td><td class="num">${count(call.cachedTokens)}</td>
        <td class="num">${count(call.outputTokens)}</td><td class="num">${call.cost ? cost(call.cost) : html`<span class="muted">unpriced</span>`}</td>
        <td class="num">${duration(call.durationMicros)}</td>
      <td><${Status} status=${call.status} /></td></tr>`)}</tbody></table>
    ${calls.length > most ? html`<p><button type="button" class="btn" onClick=${() => setMost(calls.length)}>Show all ${count(calls.length)} calls</button></p>` : null}</section>`;
}
