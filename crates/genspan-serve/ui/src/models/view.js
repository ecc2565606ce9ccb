/** `/models`: calls, tokens, cost, errors and latency of models and tools, in numbers and over time. */
import { html, useMemo } from '../lib.js';
import { useGet } from '../api.js';
import { useRevision } from '../live.js';
import { useQuery, withQuery } from '../router.js';
import { Heading } from '../shell.js';
import { Filters, apiQuery, filtersOf, filterKeys } from '../list/filters.js';
import { NothingFound, FirstSteps } from '../list/hints.js';
import { Failure, Skeleton, Money } from '../ui/bits.js';
import { Chart } from '../charts/chart.js';
import { timeAxis, bucketFor } from './series.js';
import { count, compact, duration, money, percent, clock, day, plural } from '../format.js';

const shown = ['status', 'model', 'agent', 'tool', 'since', 'provider', 'service'];
const lengths = { '15m': 15 * 60e3, '1h': 3600e3, '24h': 86_400e3, '7d': 7 * 86_400e3 };
const at = (seconds) => `${day(seconds * 1e6)} ${clock(seconds * 1e6).slice(0, 5)}`;

export function ModelsView({ address }) {
  const [query, change] = useQuery(address);
  const since = query.since ?? '24h';
  const all = since === 'all';
  const asked = { ...query, since: all ? undefined : since };
  const bucket = bucketFor(lengths[since] ?? 14 * 86_400e3);
  const { data, error, reload, stale } = useGet(`/api/statistics?${apiQuery(asked, { bucketMs: String(bucket) })}`);
  useRevision(reload, 5000);
  // The time that was asked for, also where little of it holds calls.
  const range = useMemo(() => (lengths[since] ? [(Date.now() - lengths[since]) / 1000, Date.now() / 1000] : null), [data, since]);
  const filtered = Object.keys(filtersOf({ ...query, since: null })).length > 0;
  const empty = data && data.models.length + data.tools.length === 0;
  return html`<div class="page-head"><${Heading} title="Models & tools" /><span class="grow"></span>
    <${Period} value=${since} onChange=${(next) => change({ since: next === '24h' ? null : next })} /></div>
    <${Filters} query=${{ ...query, since: null }} change=${change} search=${false} only=${shown.filter((name) => name !== 'since')} />
    <div class="scroll models-page" tabIndex="0" role="region" aria-label="Statistics" aria-busy=${stale}>
      ${error ? html`<div class="pad stack"><${Failure} error=${error} retry=${reload} /></div>` : null}${!data && !error ? html`<${Skeleton} rows=${12} />` : null}
      ${empty ? (filtered || !all ? html`<${Nothing} all=${all} filtered=${filtered} change=${change} />` : html`<${FirstSteps} />`) : null}
      ${data?.models.length > 0 ? html`<${Models} models=${data.models} range=${range} />` : null}${data?.tools.length > 0 ? html`<${Tools} tools=${data.tools} range=${range} />` : null}</div>`;
}

function Nothing({ all, filtered, change }) {
  if (filtered) return html`<${NothingFound} what="calls" onClear=${() => change(Object.fromEntries(filterKeys.map((key) => [key, null])))} />`;
  return html`<div class="empty"><h2>Nothing in this time</h2><p>No calls to models or tools were recorded in it.</p>
    ${all ? null : html`<button type="button" class="btn" onClick=${() => change({ since: 'all' })}>Show all time</button>`}</div>`;
}

const periods = [['15m', '15 min'], ['1h', '1 h'], ['24h', '24 h'], ['7d', '7 d'], ['all', 'All']];

function Period({ value, onChange }) {
  return html`<div class="segments" role="group" aria-label="Time">${periods.map(([id, label]) => html`<button type="button" key=${id} aria-pressed=${id === value} onClick=${() => onChange(id)}>${label}</button>`)}</div>`;
}

const errors = (item) => html`${item.errors > 0 ? html`<span class="status status-error">
  ${count(item.errors)}</span>` : '0'}${item.errors > 0 ? html` <span class="muted">(${percent(item.errors, item.calls)})</span>` : null}`;

function Models({ models, range }) {
  const axis = useMemo(() => timeAxis(models, (item) => item.model), [models]);
  const currency = models.find((item) => item.cost)?.cost.currency ?? 'USD';
  const lines = useMemo(() => ({
    calls: axis.lines((point) => point.calls, 0),
    errors: axis.lines((point) => point.errors, 0),
    tokens: axis.lines((point) => (point.inputTokens ?? 0) + (point.outputTokens ?? 0), 0),
    cost: axis.lines((point) => (point.cost ? Number(point.cost.amount) : undefined)),
    p50: axis.lines((point) => point.p50Micros),
    p95: axis.lines((point) => point.p95Micros),
  }), [axis]);
  const common = { x: axis.x, xLabel: at, xTitle: 'Time', time: true, range };
  return html`<section class="pad"><h2>Models</h2><div class="table-scroll scroll" tabIndex="0" role="region" aria-label="Models, numbers">
    <table class="plain wide striped" aria-label="Models"><thead><tr><th scope="col">Model</th><th scope="col">Provider</th>
    <th scope="col" class="num">Calls</th><th scope="col" class="num">Errors</th><th scope="col" class="num">Tokens in</th>
    <th scope="col" class="num">Cached</th>
      <th scope="col" class="num">Out</th><th scope="col" class="num">Cost</th><th scope="col" class="num">p50</th>
        <th scope="col" class="num">p95</th><th scope="col" class="num">p99</th>
        <th scope="col" class="num" title="Median time to the first chunk">First chunk p50</th></tr></thead>
    <tbody>${models.map((item) => html`<tr key=${`${item.model} ${item.provider}`}><th scope="row" class="wrap-any">
      <a href=${withQuery('/', { model: item.model })}>${item.model}</a></th><td>${item.provider ?? '–'}</td>
      <td class="num">${count(item.calls)}</td><td class="num">${errors(item)}</td>
      <td class="num">${count(item.inputTokens)}</td><td class="num">${count(item.cachedTokens)}</td>
        <td class="num">${count(item.outputTokens)}</td><td class="num"><${Money} cost=${item.cost} unpriced=${item.unpricedCalls} calls=${item.calls} /></td>
      <td class="num">${duration(item.p50Micros)}</td><td class="num">${duration(item.p95Micros)}</td>
        <td class="num">${duration(item.p99Micros)}</td><td class="num">${duration(item.firstChunkP50Micros)}</td></tr>`)}</tbody></table></div>
    ${axis.left > 0 ? html`<p class="muted">The charts show the six models with most calls; ${plural(axis.left, 'other')} are in the table.</p>` : null}
    <div class="chart-grid"><${Chart} ...${common} title="Model calls" series=${lines.calls} show=${compact} exact=${count} whole=${true} />
      <${Chart} ...${common} title="Model errors" series=${lines.errors} show=${compact} exact=${count} whole=${true} />
      <${Chart} ...${common} title="Tokens" unit="in and out" series=${lines.tokens} show=${compact} exact=${count} whole=${true} />
        <${Chart} ...${common} title="Cost" unit=${currency} series=${lines.cost} show=${(amount) => money(amount, currency)} />
      <${Chart} ...${common} title="Model latency p50" series=${lines.p50} show=${duration} />
        <${Chart} ...${common} title="Model latency p95" series=${lines.p95} show=${duration} /></div></section>`;
}

function Tools({ tools, range }) {
  const axis = useMemo(() => timeAxis(tools, (item) => item.tool), [tools]);
  const lines = useMemo(() => ({
    calls: axis.lines((point) => point.calls, 0),
    errors: axis.lines((point) => point.errors, 0),
    p50: axis.lines((point) => point.p50Micros),
    p95: axis.lines((point) => point.p95Micros),
  }), [axis]);
  const common = { x: axis.x, xLabel: at, xTitle: 'Time', time: true, range };
  return html`<section class="pad"><h2>Tools</h2><div class="table-scroll scroll" tabIndex="0" role="region" aria-label="Tools, numbers">
    <table class="plain wide striped" aria-label="Tools"><thead><tr><th scope="col">Tool</th><th scope="col" class="num">Calls</th>
    <th scope="col" class="num">Errors</th><th scope="col" class="num">p50</th><th scope="col" class="num">p95</th></tr></thead>
    <tbody>${tools.map((item) => html`<tr key=${item.tool}><th scope="row" class="wrap-any"><a href=${withQuery('/', { tool: item.tool })}>
      ${item.tool}</a></th><td class="num">${count(item.calls)}</td><td class="num">${errors(item)}</td>
      <td class="num">${duration(item.p50Micros)}</td><td class="num">${duration(item.p95Micros)}</td></tr>`)}</tbody></table></div>
    ${axis.left > 0 ? html`<p class="muted">The charts show the six tools with most calls; ${plural(axis.left, 'other')} are in the table.</p>` : null}
    <div class="chart-grid"><${Chart} ...${common} title="Tool calls" series=${lines.calls} show=${compact} exact=${count} whole=${true} />
      <${Chart} ...${common} title="Tool errors" series=${lines.errors} show=${compact} exact=${count} whole=${true} />
      <${Chart} ...${common} title="Tool latency p50" series=${lines.p50} show=${duration} />
        <${Chart} ...${common} title="Tool latency p95" series=${lines.p95} show=${duration} /></div></section>`;
}
