/** `/metrics`: what programs measured, as they sent it. */
import { html, useMemo, useRef, useEffect } from '../lib.js';
import { useGet } from '../api.js';
import { useRevision } from '../live.js';
import { useQuery, withQuery } from '../router.js';
import { useRowKeys } from '../ui/rowkeys.js';
import { Heading } from '../shell.js';
import { Failure, Skeleton, Notice } from '../ui/bits.js';
import { Search, Pick, Chips, begins, times } from '../list/filters.js';
import { Chart } from '../charts/chart.js';
import { useNarrow } from '../ui/narrow.js';
import { When } from '../clock.js';
import { NoLogs } from '../logs/view.js';
import { announce } from '../announce.js';
import { asText } from '../conversation/value.js';
import { clock, count, day, plural, NONE } from '../format.js';
import { amount, headline, shower, isSaid, unitWord } from './units.js';
import { lines, sparkPath, telling, whole } from './lines.js';

const keys = ['text', 'service', 'since'];
const tell = (key, value) => (key === 'since' ? times.find(([id]) => id === value)?.[1] ?? `since ${value}` : `${key}: ${value}`);
const idOf = (metric) => `${metric.name} ${metric.kind} ${metric.service ?? ''} ${metric.unit ?? ''}`;
const at = (seconds) => `${day(seconds * 1e6)} ${clock(seconds * 1e6)}`;

export function MetricsView({ address }) {
  const [query, change] = useQuery(address);
  const path = useMemo(() => withQuery('/api/metrics', { text: query.text, service: query.service, since: begins(query.since) }), [query.text, query.service, query.since]);
  const { data, error, reload, stale } = useGet(path);
  useRevision(reload, 5000);
  const box = useRef(null);
  const onKeyDown = useRowKeys(box);
  const metrics = data?.metrics;
  const filtered = keys.some((key) => query[key]);
  const clear = () => change(Object.fromEntries([...keys, 'metric'].map((key) => [key, null])));
  useEffect(() => {
    if (metrics && !stale && filtered) announce(metrics.length === 0 ? 'Nothing matches' : `${plural(metrics.length, 'metric')} found`);
  }, [metrics?.length, stale]);
  const isEmpty = metrics?.length === 0 && !error;
  return html`<div class="page-head"><${Heading} title="Metrics" /><span class="muted tnum">${metrics?.length > 0 ? plural(metrics.length, 'metric') : ''}</span></div>
    ${isEmpty && !filtered && !stale ? null : html`<div><div class="filters">
      <${Search} value=${query.text} onChange=${(text) => change({ text })} label="Search names and descriptions" />
      <${Pick} name="service" label="Service" any="Service: any" value=${query.service} onChange=${change} options=${(data?.services ?? []).map((name) => [name, name])} />
      <${Pick} name="since" label="Time" any="Time: all" value=${query.since} onChange=${change} options=${times} /></div>
      <${Chips} query=${query} change=${change} keys=${keys} tell=${tell} /></div>`}
    <div class="list-box"><div class="list-scroll metrics" ref=${box} onKeyDown=${onKeyDown} aria-busy=${stale}>
      ${error ? html`<div class="pad stack"><${Failure} error=${error} retry=${reload} /></div>` : null}
      ${!data && !error ? html`<${Skeleton} rows=${10} />` : null}
      ${data?.isCut ? html`<div class="pad stack"><${Notice} title="Not all is shown.">There are more metrics, or older points, than one page takes; choose a service or search.<//></div>` : null}
      ${isEmpty ? (filtered ? html`<div class="empty"><h2>Nothing matches</h2><p>No metric has that in its name or description, within the time and from the service that were chosen.</p>
        <button type="button" class="btn" onClick=${clear}>Clear search and filters</button></div>` : html`<${NoLogs} what="metrics" exporter="OTEL_METRICS_EXPORTER=otlp" tells="sessions, tokens, cost and lines of code in numbers" />`) : null}
      ${metrics?.length > 0 ? html`<${Table} metrics=${metrics} query=${query} />` : null}
    </div></div>`;
}

const columns = [['', 'Metric'], ['c-kind', 'Kind'], ['c-service a-agent', 'Service'], ['c-series num', 'Series'], ['c-value num', 'Value'], ['c-spark', 'Over time'], ['c-seen', 'Last']];

function Table({ metrics, query }) {
  // What is opened spans the columns that are shown.
  const span = columns.length - (useNarrow() ? 3 : 0);
  return html`<table class="rows" aria-label="Metrics"><thead><tr>${columns.map(([name, label]) => html`<th scope="col" key=${label} class=${name}>${label}</th>`)}</tr></thead>
    <tbody>${metrics.map((metric) => {
      const id = idOf(metric);
      const open = query.metric === id;
      return html`<tr key=${id} data-metric=${metric.name} class=${open ? 'opened' : null}>
        <td><a class="row-link" href=${withQuery('/metrics', { ...query, metric: open ? null : id })} aria-expanded=${open}>
          <span class="metric-name wrap-any">${metric.name}</span></a>${metric.description ? html`<div class="row-sub always">${metric.description}</div>` : null}</td>
        <td class="a-kind">${metric.kind}</td><td class="a-agent wrap-any">${metric.service ?? NONE}</td>
        <td class="num">${count(metric.series.length + (metric.seriesLeftOut ?? 0))}</td>
        <td class="num wrap">${headline(metric, metric) ?? html`<span class="muted">${metric.kind === 'gauge' ? 'several' : NONE}</span>`}</td>
        <td class="a-spark"><${Spark} metric=${metric} /></td><td><${When} micros=${metric.lastMicros} /></td></tr>
        ${open ? html`<tr key=${`open ${id}`} class="log-opened"><td colSpan=${span}><${Opened} metric=${metric} /></td></tr>` : null}`;
    })}</tbody></table>`;
}

/** A line without an axis, for the shape alone; the numbers are in the chart's table. */
function Spark({ metric }) {
  const path = useMemo(() => sparkPath(whole(metric)), [metric]);
  return html`<svg class="spark" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true"><path class=${path.endsWith('h0.01') ? 'dot' : ''} d=${path} /></svg>`;
}

const meant = { counter: 'Each point counts what happened since the one before', gauge: 'Each point says how things stood', histogram: 'Each point is the mean of the values since the one before' };

function Opened({ metric }) {
  const { kind, unit, series, seriesLeftOut = 0 } = metric;
  const drawn = useMemo(() => lines(series), [series]);
  const told = useMemo(() => telling(series), [series]);
  const show = shower(unit);
  return html`<h2 class="sr-only">${metric.name}</h2><div class="metric-open"><div><${Chart} title=${metric.name} unit=${isSaid(unit) ? undefined : unitWord(unit)} x=${drawn.x} xLabel=${at} xTitle="Time" series=${drawn.lines} show=${show} exact=${show} time=${drawn.x.length > 1 && drawn.x.at(-1) - drawn.x[0] > 120} />
      <p class="muted">${meant[kind]}${drawn.left > 0 ? `; the six largest of ${count(series.length)} series` : ''}.</p></div>
    <div class="table-scroll scroll" tabIndex="0" role="region" aria-label=${`Series of ${metric.name}`}><table class="plain wide" aria-label="Series"><thead><tr><th scope="col">Series</th>
      <th scope="col" class="num">Points</th>${kind === 'histogram' ? html`<th scope="col" class="num">Values</th><th scope="col" class="num">Sum</th>` : null}
      <th scope="col" class="num">${{ counter: 'Total', gauge: 'Last', histogram: 'Mean' }[kind]}</th><th scope="col">Last</th></tr></thead>
      <tbody>${told.map((one, index) => html`<tr key=${index}><td><div class="labels">${one.attributes.length === 0 ? html`<span class="muted">without attributes</span>` : one.attributes.map(({ key, value }) => html`<span class="tag" key=${key}>
        ${key}=${asText(value)}</span>`)}</div></td><td class="num">${count(one.points)}</td>
        ${kind === 'histogram' ? html`<td class="num">${count(one.count)}</td><td class="num">${amount(one.total, unit)}</td>` : null}
        <td class="num">${headline(metric, one) ?? NONE}</td><td><${When} micros=${one.lastMicros} short=${true} /></td></tr>`)}</tbody></table>
      ${seriesLeftOut > 0 ? html`<p class="muted">${plural(seriesLeftOut, 'further series', 'further series')} are left out.</p>` : null}</div></div>`;
}
