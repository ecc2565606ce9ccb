/** What a pair of spans said, with the differences marked. */
import { html, useMemo } from '../lib.js';
import { useGet } from '../api.js';
import { Failure, Skeleton } from '../ui/bits.js';
import { asText, LongText } from '../conversation/value.js';
import { tidy } from '../conversation/tidy.js';
import { diff } from './textdiff.js';
import { traceUrl } from '../router.js';
import { title } from '../trace/row.js';

const partText = (part) => {
  if (part.type === 'text' || part.type === 'reasoning') return asText(part.content ?? '');
  if (part.type === 'tool_call') return `→ ${part.name}(${asText(part.arguments ?? '')})`;
  if (part.type === 'tool_call_response') return `← ${asText(part.response ?? '')}`;
  if (part.type === 'blob') return `[${part.mime_type ?? part.modality}]`;
  return asText(part);
};
const messageText = (message) => `${message.role}:\n${message.parts.map(partText).join('\n')}`;

/** The sections of a span that are compared: title and text. */
function sections(answer) {
  if (!answer) return {};
  const detail = tidy(answer);
  if (detail.span.kind === 'tool') return { Arguments: detail.arguments === undefined ? '' : asText(detail.arguments), Result: detail.result === undefined ? '' : asText(detail.result) };
  const input = detail.input ?? [];
  return {
    System: (detail.system ?? []).map(partText).join('\n'),
    'New input': input.slice(Math.min(detail.previous?.sharedMessages ?? 0, input.length)).map(messageText).join('\n\n'),
    Answer: (detail.output ?? []).map((message) => message.parts.map(partText).join('\n')).join('\n\n'),
    Error: [detail.span.errorType, detail.span.errorMessage].filter(Boolean).join(': '),
    Request: detail.request && Object.keys(detail.request).length > 0 ? Object.entries(detail.request).map(([key, value]) => `${key}: ${asText(value)}`).sort().join('\n') : '',
  };
}

const marks = { added: ['ins', 'added in B: '], removed: ['del', 'only in A: '] };

function Diff({ a, b }) {
  const pieces = useMemo(() => diff(a, b), [a, b]);
  if (a === b) return html`<${LongText} text=${a} />`;
  return html`<div class="text diff" dir="auto">${pieces.map((piece, at) => {
    if (piece.kind === 'same') return html`<span key=${at}>${piece.text}</span>`;
    const [tag, said] = marks[piece.kind];
    return html`<${tag} key=${at}><span class="sr-only">${said}</span>${piece.text}</${tag}>`;
  })}</div>`;
}

/** @param {{a: {traceId: string, node: any}, b: {traceId: string, node: any}}} props */
export function Texts({ a, b }) {
  const path = ({ traceId, node }) => (node ? `/api/traces/${traceId}/spans/${node.span.spanId}` : null);
  const one = useGet(path(a), { keep: false });
  const two = useGet(path(b), { keep: false });
  const error = one.error ?? two.error;
  const left = sections(one.data);
  const right = sections(two.data);
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((name) => left[name] || right[name]);
  const loading = (a.node && !one.data) || (b.node && !two.data);
  return html`<section class="compare-texts scroll" aria-label="Texts of the selected pair" tabIndex="0"><div class="detail-title"><h2>
    ${title((a.node ?? b.node).span)}</h2><span class="grow"></span>
      ${a.node ? html`<a href=${traceUrl(a.traceId, a.node.span.spanId)}>Open in A</a>` : html`<span class="tag">not in A</span>`}
      ${b.node ? html`<a href=${traceUrl(b.traceId, b.node.span.spanId)}>Open in B</a>` : html`<span class="tag">not in B</span>`}</div>
    ${error ? html`<${Failure} error=${error} />` : loading ? html`<${Skeleton} rows=${5} />` : null}
    ${!loading && !error && names.length === 0 ? html`<p class="muted">Neither recorded any text.</p>` : null}
    ${loading || error ? null : names.map((name) => html`<section class="block" key=${name}><div class="block-head"><h3>${name}</h3>
      ${left[name] === right[name] ? html`<span class="tag">same</span>` : null}</div>
      <${Diff} a=${left[name] ?? ''} b=${right[name] ?? ''} /></section>`)}</section>`;
}
