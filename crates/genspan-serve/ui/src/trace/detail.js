/** The selected span: its head, and tabs for what was said, how long it took, what it cost and what was recorded. */
import { html, useState, useEffect, useMemo, useRef } from '../lib.js';
import { useGet } from '../api.js';
import { KindIcon } from '../ui/icon.js';
import { Tabs, Facts, Status, Failure, Skeleton, Copy } from '../ui/bits.js';
import { count, duration, cost } from '../format.js';
import { title } from './row.js';
import { Conversation } from '../conversation/conversation.js';
import { ToolCall } from '../conversation/toolspan.js';
import { tidy } from '../conversation/tidy.js';
import { Usage } from './usage.js';
import { Attributes } from './attributes.js';
import { Notes } from './notes.js';

/** A path that is only asked for once the selection has rested a moment, so that holding an arrow key asks for little. */
function useSettled(path) {
  const [settled, set] = useState(path);
  useEffect(() => {
    if (path === settled) return undefined;
    const timer = setTimeout(() => set(path), 70);
    return () => clearTimeout(timer);
  }, [path]);
  return settled;
}

/** @param {{trace: import('../types.js').TraceRow, node: import('./tree.js').Node, tree: any, select: Function, query: Record<string,string>, change: Function}} props */
export function Detail({ trace, node, tree, select, query, change }) {
  const { span } = node;
  const path = `/api/traces/${trace.traceId}/spans/${span.spanId}`;
  const { data, error, reload } = useGet(useSettled(path));
  useRefresh(span, reload);
  const scroller = useRef(null);
  useEffect(() => { if (scroller.current) scroller.current.scrollTop = 0; }, [span.spanId]);
  const detail = useMemo(() => (data && data.span.spanId === span.spanId ? tidy(data) : null), [data, span.spanId]);
  const tabs = [
    { id: 'said', label: span.kind === 'tool' ? 'Call and result' : 'Conversation' },
    { id: 'usage', label: 'Timing & cost' },
    { id: 'attributes', label: 'Attributes', n: detail ? count(detail.attributes.length) : undefined },
  ];
  const tab = tabs.some(({ id }) => id === query.tab) ? query.tab : 'said';
  return html`<${DetailHead} span=${span} detail=${detail} />
    <${Tabs} tabs=${tabs} current=${tab} label="About the span" panel="span-panel" onChange=${(id) => change({ tab: id === 'said' ? null : id })} />
    <div class="panel scroll" id="span-panel" role="tabpanel" aria-labelledby=${`span-panel-${tab}`} tabIndex="0" ref=${scroller} aria-busy=${!detail}>
      <${Notes} span=${span} detail=${detail} />
      ${error ? html`<${Failure} error=${error} retry=${reload} />` : null}
      ${!detail && !error ? html`<${Skeleton} rows=${6} />` : null}
      ${detail ? html`<${Panel} key=${span.spanId} tab=${tab} detail=${detail} trace=${trace} node=${node} tree=${tree} select=${select} query=${query} />` : null}
    </div>`;
}

function Panel({ tab, detail, trace, node, tree, select, query }) {
  if (tab === 'usage') return html`<${Usage} detail=${detail} node=${node} />`;
  if (tab === 'attributes') return html`<${Attributes} detail=${detail} />`;
  if (detail.span.kind === 'tool') return html`<${ToolCall} detail=${detail} />`;
  return html`<${Conversation} detail=${detail} trace=${trace} tree=${tree} select=${select} all=${query.all === '1'} />`;
}

/** A span that grows is read again when the tree says that it changed. */
function useRefresh(span, reload) {
  const first = useRef(span);
  useEffect(() => {
    if (first.current !== span && first.current.spanId === span.spanId && JSON.stringify(first.current) !== JSON.stringify(span)) reload();
    first.current = span;
  }, [span]);
}

function DetailHead({ span, detail }) {
  const cached = span.cachedTokens !== undefined ? html` <small>(${count(span.cachedTokens)} cached)</small>` : null;
  return html`<div class="detail-head"><div class="detail-title"><${KindIcon} kind=${span.kind} /><h2 tabIndex="-1">${title(span)}</h2>
    <${Status} status=${span.status} type=${span.errorType} />
      <span class="grow"></span>${detail?.curl ? html`<${Copy} text=${detail.curl} label="Copy as curl" />` : null}</div>
    <${Facts} facts=${[
    span.provider ? ['Provider', span.provider] : null, ['Took', duration(span.durationMicros)], span.timeToFirstChunkMicros !== undefined ? ['First chunk', duration(span.timeToFirstChunkMicros)] : null,
    span.inputTokens !== undefined ? ['Tokens in', html`${count(span.inputTokens)}${cached}`] : null, span.outputTokens !== undefined ? ['out', count(span.outputTokens)] : null,
    span.cost ? ['Cost', cost(span.cost)] : (span.kind === 'chat' && span.inputTokens !== undefined ? ['Cost', html`<span class="muted">unpriced</span>`] : null),
    span.finishReasons?.length ? ['Ended', span.finishReasons.join(', ')] : null, span.sources.length > 1 ? ['Told by', span.sources.join(', ')] : null,
  ]} /></div>`;
}
