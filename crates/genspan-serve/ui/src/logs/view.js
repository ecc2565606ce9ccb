/** `/logs`: what programs told in log records and events, in a trace or not. */
import { html, useMemo, useRef, useCallback, useEffect } from '../lib.js';
import { Heading } from '../shell.js';
import { useQuery } from '../router.js';
import { Failure, Skeleton, Copy } from '../ui/bits.js';
import { useNarrow } from '../ui/narrow.js';
import { useRowKeys } from '../ui/rowkeys.js';
import { announce } from '../announce.js';
import { plural, absolute } from '../format.js';
import { LogFilters, logFilters, logKeys, logQuery } from './filters.js';
import { useLogs } from './feed.js';
import { Row, Opened, columns } from './row.js';

export function LogsView({ address }) {
  const [query, change] = useQuery(address);
  const box = useRef(null);
  const calm = useCallback(() => !box.current || (box.current.scrollTop < 4 && !box.current.contains(document.activeElement) && getSelection().isCollapsed), []);
  const asked = useMemo(() => logQuery(query), [logKeys.map((key) => query[key]).join('\n')]);
  const feed = useLogs(asked, calm);
  const filtered = Object.keys(logFilters(query)).length > 0;
  const close = () => {
    if (!query.log) return false;
    change({ log: null });
    box.current?.querySelector(`tr[data-log="${CSS.escape(query.log)}"] a.row-link`)?.focus();
    return true;
  };
  const onKeyDown = useRowKeys(box, { more: feed.more, keys: { Escape: close } });
  const { logs } = feed;
  useEffect(() => {
    if (logs && !feed.stale && filtered) announce(logs.length === 0 && !feed.next ? 'Nothing matches' : `${plural(logs.length, 'record')} found`);
  }, [logs?.length, feed.stale]);
  const clear = () => change(Object.fromEntries([...logKeys, 'log'].map((key) => [key, null])));
  const isEmpty = logs?.length === 0 && !feed.next && !feed.error;
  return html`<div class="page-head"><${Heading} title="Logs" /><span class="muted tnum">${logs?.length > 0 ? `${plural(logs.length, 'record')}${feed.next ? ' and more' : ''}` : ''}</span></div>
    ${isEmpty && !filtered && !feed.stale ? null : html`<${LogFilters} query=${query} change=${change} />`}
    <div class="list-box"><div class="list-scroll logs" ref=${box} onKeyDown=${onKeyDown} aria-busy=${feed.stale}>
      ${feed.error ? html`<div class="pad stack"><${Failure} error=${feed.error} retry=${feed.reload} /></div>` : null}
      ${!logs && !feed.error ? html`<${Skeleton} rows=${12} />` : null}
      ${isEmpty ? (filtered ? html`<${Nothing} trace=${query.trace} onClear=${clear} />` : html`<${NoLogs} />`) : null}
      ${logs?.length > 0 ? html`<${Table} logs=${logs} query=${query} address=${address.search} />` : null}
      ${logs && !isEmpty ? html`<${Foot} feed=${feed} />` : null}
    </div></div>`;
}

function Table({ logs, query, address }) {
  // What is opened spans the columns that are shown.
  const span = columns.length - (useNarrow() ? 2 : 0);
  return html`<table class="rows" aria-label="Log records"><thead><tr>${columns.map(([name, label]) => html`<th scope="col" key=${label} class=${name}>${label}</th>`)}</tr></thead>
    <tbody>${logs.map((row) => {
      const open = query.log === String(row.id);
      return html`<${Row} key=${row.id} row=${row} open=${open} address=${address} text=${query.text ?? ''} />
        ${open ? html`<tr key=${`open ${row.id}`} class="log-opened"><td colSpan=${span}><${Opened} id=${row.id} query=${query} /></td></tr>` : null}`;
    })}</tbody></table>`;
}

/** The end of what is loaded: older records, or how far a search has looked. */
function Foot({ feed }) {
  if (!feed.next) return html`<div class="list-foot"><span>That is all of them.</span></div>`;
  const found = feed.lookedAt > feed.logs.length;
  return html`<div class="list-foot"><button type="button" class="btn" disabled=${feed.busy} onClick=${feed.more}>
    ${feed.busy ? 'Loading…' : found ? 'Look further back' : 'Load older records'}</button>
    ${found ? html`<span class="tnum">${plural(feed.lookedAt, 'record')} looked at${feed.until ? `, back to ${absolute(feed.until)}` : ''}; ${feed.logs.length === 0 ? 'none of them match' : `${feed.logs.length} match`}.</span>` : null}</div>`;
}

const Nothing = ({ trace, onClear }) => html`<div class="empty"><h2>Nothing matches</h2>
  <p>${trace ? 'No log record names this trace. Spans’ own events are in the trace, under Attributes.' : 'No log record fits the search and the filters. Text is searched in names, bodies and attributes.'}</p>
  <button type="button" class="btn" onClick=${onClear}>Clear search and filters</button></div>`;

/** Two ways to the first record. */
export function NoLogs({ what = 'log records', exporter = 'OTEL_LOGS_EXPORTER=otlp', tells = 'prompts, requests, tools and errors as it tells them' }) {
  const endpoint = `OTEL_EXPORTER_OTLP_ENDPOINT=http://${location.hostname || '127.0.0.1'}:4318`;
  const recipes = [
    [`CLAUDE_CODE_ENABLE_TELEMETRY=1 ${exporter} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf ${endpoint} claude`, `Claude Code’s own telemetry: ${tells}.`],
    [endpoint, 'For a program that has OpenTelemetry already (gRPC listens on port 4317).'],
  ];
  return html`<div class="empty"><h2>No ${what} yet</h2><p>What programs send over OTLP appears here by itself. For example:</p>
    ${recipes.map(([code, about]) => html`<div class="recipe" key=${code}><code>${code}</code><span class="what">${about}</span><${Copy} text=${code} label="Copy" /></div>`)}</div>`;
}
