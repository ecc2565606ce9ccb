/** `/conversations`: what was said in one thread, over all its traces. */
import { html, useState, useRef } from '../lib.js';
import { useGet } from '../api.js';
import { useRevision } from '../live.js';
import { useQuery, conversationUrl } from '../router.js';
import { Heading } from '../shell.js';
import { Filters, apiQuery, filtersOf, filterKeys } from '../list/filters.js';
import { NothingFound } from '../list/hints.js';
import { Failure, Skeleton, Money } from '../ui/bits.js';
import { useRowKeys } from '../ui/rowkeys.js';
import { When } from '../clock.js';
import { count, duration, plural, NONE } from '../format.js';

const shown = ['status', 'model', 'agent', 'tool', 'since'];

export function ConversationsView({ address }) {
  const [query, change] = useQuery(address);
  const [limit, setLimit] = useState(100);
  const { data, error, reload, stale } = useGet(`/api/conversations?${apiQuery(query, { limit: String(limit) })}`);
  const box = useRef(null);
  // Rows move when a conversation goes on, so only while nobody reads them.
  useRevision(() => { if (!box.current || (box.current.scrollTop < 4 && !box.current.contains(document.activeElement))) reload(); }, 3000);
  const onKeyDown = useRowKeys(box);
  const rows = data?.conversations;
  const filtered = Object.keys(filtersOf(query)).length > 0;
  return html`<div class="page-head"><${Heading} title="Conversations" />
    <span class="muted tnum">${rows?.length > 0 ? `${plural(rows.length, 'conversation')}${data.next ? ' and more' : ''}` : ''}</span></div>
    <${Filters} query=${query} change=${change} only=${shown} />
    <div class="list-box"><div class="list-scroll" ref=${box} onKeyDown=${onKeyDown} aria-busy=${stale}>
      ${error ? html`<div class="pad stack"><${Failure} error=${error} retry=${reload} /></div>` : null}
      ${!rows && !error ? html`<${Skeleton} rows=${10} />` : null}
      ${rows?.length === 0 ? (filtered ? html`<${NothingFound} what="conversations" onClear=${() => change(Object.fromEntries(filterKeys.map((key) => [key, null])))} />` : html`<${NoConversations} />`) : null}
      ${rows?.length > 0 ? html`<${Table} rows=${rows} />` : null}
      ${data?.next ? html`<div class="list-foot"><button type="button" class="btn" onClick=${() => setLimit(limit + 200)}>Load older conversations</button></div>` : null}
    </div></div>`;
}

const NoConversations = () => html`<div class="empty"><h2>No conversations yet</h2>
  <p>A conversation appears when calls carry its id: the attribute <code>gen_ai.conversation.id</code>, a response that continues another, or a session of a
  coding agent. Calls without one are under Traces.</p><a class="btn" href="/">All traces</a></div>`;

function Table({ rows }) {
  return html`<table class="rows" aria-label="Conversations"><thead><tr><th scope="col" class="c-time">Last</th>
    <th scope="col">Last user message</th><th scope="col" class="c-agent a-agent">Agents</th><th scope="col" class="c-model a-model">Models</th>
      <th scope="col" class="c-tok num">Traces</th><th scope="col" class="c-tok num">Calls</th><th scope="col" class="c-dur num">Tokens in</th>
        <th scope="col" class="c-tok num">Cached</th><th scope="col" class="c-tok num">Out</th><th scope="col" class="c-cost num">Cost</th>
      <th scope="col" class="c-first num">Lasted</th><th scope="col" class="c-tok num">Errors</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${row.conversationId}><td><${When} micros=${row.lastMicros} /></td>
      <td><a class="row-link" href=${conversationUrl(row.conversationId)} dir="auto">
        <span class="message" title=${row.lastUserMessage ?? row.conversationId}>${row.lastUserMessage ?? row.conversationId}</span></a>
        <div class="row-sub always"><span class="narrow-only">${[...row.agents, ...row.models].join(' · ')} </span>
          <span class="mono">${row.conversationId}</span></div></td>
      <td class="a-agent wrap-any">${row.agents.join(', ') || NONE}</td><td class="a-model wrap-any">${row.models.join(', ') || NONE}</td>
        <td class="num">${count(row.traces)}</td><td class="num">${count(row.calls)}</td>
      <td class="num">${count(row.inputTokens)}</td><td class="num">${count(row.cachedTokens)}</td>
        <td class="num">${count(row.outputTokens)}</td><td class="num"><${Money} cost=${row.cost} unpriced=${row.unpricedCalls} calls=${row.calls} stated=${row.costStated} /></td>
      <td class="num">${duration(row.lastMicros - row.firstMicros)}</td>
        <td class="num">${row.errors > 0 ? html`<span class="status status-error">${count(row.errors)}</span>` : '0'}</td></tr>`)}</tbody></table>`;
}
