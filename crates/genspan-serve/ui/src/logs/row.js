/** One log record as a row, and beneath it all that it says once it is opened. */
import { html, memo } from '../lib.js';
import { useGet } from '../api.js';
import { When } from '../clock.js';
import { Failure, Skeleton, Copy } from '../ui/bits.js';
import { Icon } from '../ui/icon.js';
import { Highlight } from '../ui/highlight.js';
import { Pairs } from '../trace/attributes.js';
import { Value } from '../conversation/value.js';
import { absolute, shortId, NONE } from '../format.js';
import { traceUrl, conversationUrl, logsUrl, withQuery } from '../router.js';

/** The columns, in order: class and label. */
export const columns = [['c-time', 'Time'], ['c-severity', 'Severity'], ['c-event', 'Event'], ['', 'Says'], ['c-service a-agent', 'Service'], ['c-session a-model', 'Session'], ['c-trace', 'Trace']];

const icons = { error: 'error', fatal: 'error', warn: 'warn' };
const tones = { error: 'status-error', fatal: 'status-error', warn: 'status-cancelled' };

const Severity = ({ severity }) => (severity ? html`<span class=${`status ${tones[severity] ?? 'soft'}`}>
  ${icons[severity] ? html`<${Icon} name=${icons[severity]} small />` : null}<span>${severity}</span></span>` : html`<span class="muted">${NONE}</span>`);

/** @param {{row: import('../types.js').LogRow, open: boolean, address: string, text: string}} props */
function draw({ row, open, address, text }) {
  const query = Object.fromEntries(new URLSearchParams(address));
  return html`<tr data-log=${row.id} class=${open ? 'opened' : null}>
    <td><${When} micros=${row.timeMicros} /></td><td><${Severity} severity=${row.severity} /></td>
    <td class="wrap-any">${row.name ?? html`<span class="muted">log</span>`}</td>
    <td><a class="row-link" href=${logsUrl({ ...query, log: open ? null : row.id })} aria-expanded=${open} dir="auto"><span class="message log-text"><${Highlight} text=${row.text || row.name || 'Without words'} query=${text} /></span></a>
      <div class="row-sub">${[row.service, row.conversationId].filter(Boolean).join(' · ')}</div></td>
    <td class="a-agent wrap-any">${row.service ?? NONE}</td>
    <td class="a-model wrap-any">${row.conversationId ? html`<a class="above" href=${logsUrl({ ...query, log: null, conversation: row.conversationId })} title=${`Only ${row.conversationId}`}>
      ${shortId(row.conversationId)}</a>` : NONE}</td>
    <td>${row.traceId ? (row.hasTrace
      ? html`<a class="above mono" href=${traceUrl(row.traceId, row.spanId)} title=${`Open trace ${row.traceId}`}>${shortId(row.traceId)}</a>`
      : html`<span class="mono muted" title=${`${row.traceId}: no span of it came`}>${shortId(row.traceId)}</span>`) : NONE}</td></tr>`;
}

/** Drawn again only when something of it changed. */
export const Row = memo(draw);

/** All that a record says. */
export function Opened({ id, query }) {
  const { data, error, reload } = useGet(`/api/logs/${id}`);
  if (error) return html`<${Failure} error=${error} retry=${reload} />`;
  if (!data) return html`<${Skeleton} rows=${3} />`;
  const facts = [
    ['time', absolute(data.timeMicros)], ['observed', data.observedMicros ? absolute(data.observedMicros) : undefined], ['severity', data.severityText ?? data.severity],
    ['scope', data.scope.name ? `${data.scope.name}${data.scope.version ? ` ${data.scope.version}` : ''}` : undefined], ['trace id', data.traceId], ['span id', data.spanId],
  ].filter(([, value]) => value !== undefined).map(([key, value]) => ({ key, value }));
  return html`<h2 class="sr-only">${data.name ?? 'Log record'}</h2><div class="log-links">
      ${data.hasTrace ? html`<a class="btn tiny" href=${traceUrl(data.traceId, data.spanId)}>Open its trace</a>` : null}
      ${data.traceId ? html`<a class="btn tiny" href=${logsUrl({ trace: data.traceId })}>All of this trace</a>` : null}
      ${data.hasConversation ? html`<a class="btn tiny" href=${conversationUrl(data.conversationId)}>Open its conversation</a>` : null}
      ${data.conversationId ? html`<a class="btn tiny" href=${withQuery('/logs', { conversation: data.conversationId })}>All of this session</a>` : null}
      <${Copy} text=${() => JSON.stringify(data, null, 2)} label="Copy as JSON" />
      <a class="btn quiet tiny" href=${logsUrl({ ...query, log: null })}>Close</a></div>
    ${data.body === undefined ? null : html`<section class="block"><h3>Body</h3><${Value} value=${data.body} /></section>`}
    <section class="block"><h3>Attributes</h3><${Pairs} pairs=${data.attributes} empty="None were recorded." /></section>
    <section class="block"><h3>Record</h3><${Pairs} pairs=${facts} /></section>
    ${data.resource.length > 0 ? html`<section class="block"><h3>Resource</h3><${Pairs} pairs=${data.resource} /></section>` : null}`;
}
