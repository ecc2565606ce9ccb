/** What a call was given and what it answered, with what an earlier call was given already folded away. */
import { html, useState, useMemo, useCallback } from '../lib.js';
import { Icon } from '../ui/icon.js';
import { MessageView, shownElsewhere } from './message.js';
import { PartView } from './parts.js';
import { Value, asText } from './value.js';
import { traceUrl } from '../router.js';
import { count, plural } from '../format.js';

/** At most this many messages at each end are drawn at once; the rest on demand. */
const HEAD = 20;
const TAIL = 100;
const MORE = 300;

function index(messages) {
  const calls = new Map();
  const results = new Map();
  for (const message of messages) {
    for (const part of message.parts) {
      if (part.type === 'tool_call' && part.id) calls.set(part.id, part);
      if (part.type === 'tool_call_response' && part.id) results.set(part.id, part);
    }
  }
  return { calls, results };
}

const callIds = (messages) => new Set(messages.flatMap((message) => message.parts.filter((part) => part.type === 'tool_call' && part.id).map((part) => part.id)));

/** @param {{detail: import('../types.js').SpanDetail, trace: any, tree: any, select: Function, all: boolean}} props */
export function Conversation({ detail, trace, tree, select, all }) {
  const input = detail.input ?? [];
  const output = detail.output ?? [];
  const shared = Math.min(detail.previous?.sharedMessages ?? 0, input.length);
  const [unfolded, setUnfolded] = useState(all);
  const spansByCall = useMemo(() => new Map(tree.order.filter((node) => node.span.toolCallId).map((node) => [node.span.toolCallId, node])), [tree]);
  const open = useCallback((id) => (spansByCall.has(id) ? () => select(spansByCall.get(id)) : null), [spansByCall]);
  const whole = useMemo(() => index([...input, ...output]), [detail]);
  const context = useMemo(() => ({ ...whole, open, shown: callIds([...(unfolded ? input : input.slice(shared)), ...output]) }), [whole, open, unfolded, shared]);
  if (input.length + output.length === 0 && !detail.system?.length) return html`<${NoContent} detail=${detail} />`;
  return html`<${System} parts=${detail.system} context=${context} all=${all} /><${Tools} tools=${detail.toolDefinitions} />
    ${shared > 0 ? html`<${Shared} detail=${detail} trace=${trace} count=${shared} unfolded=${unfolded} onToggle=${() => setUnfolded(!unfolded)} />` : null}
    ${shared > 0 && unfolded ? html`<${Messages} messages=${input.slice(0, shared)} from=${0} context=${context} />
      <div class="since" role="separator"><span>New in this call</span></div>` : null}
    <${Messages} messages=${input.slice(shared)} from=${shared} context=${context} fresh=${shared > 0} />
    ${output.length > 0 ? html`<div class="since answer" role="separator"><span>Answer</span></div>
      ${output.map((message, at) => html`<${MessageView} key=${`out-${at}`} message=${message} context=${context} />`)}` : null}
    ${output.length === 0 && detail.span.kind === 'chat' ? html`<div class="since answer" role="separator"><span>Answer</span></div>
      <p class="muted">No answer was recorded.</p>` : null}`;
}

function NoContent({ detail }) {
  const { kind } = detail.span;
  const what = kind === 'chat' ? 'call' : kind === 'agent' ? 'agent' : 'span';
  if (kind === 'other' || kind === 'embeddings') return html`<p class="muted">This span carries no messages. Its attributes are under “Attributes”.</p>`;
  return html`<div class="muted"><p>No messages were recorded for this ${what}.</p>
    <p>Prompts and answers are recorded where content is switched on: <code>genspan run --content -- …</code>; instrumentations have switches of their own.</p></div>`;
}

/** Instructions that are longer than this many characters are folded: coding agents give pages of them with each call. */
const SYSTEM = 500;

function System({ parts, context, all }) {
  const texts = (parts ?? []).map((part) => (part.type === 'text' ? asText(part.content ?? '') : ''));
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  const isLong = length > SYSTEM;
  const [open, setOpen] = useState(all || !isLong);
  if (texts.length === 0) return null;
  return html`<article class="msg role-system"><header><h3>System</h3>
    ${isLong ? html`<button type="button" class="btn link" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <${Icon} name=${open ? 'down' : 'right'} small /> ${open ? 'Fold' : `Show all ${plural(length, 'character')}`}</button>` : null}</header>
    ${open ? parts.map((part, at) => html`<${PartView} key=${at} part=${part} context=${context} />`) : html`<p class="muted clipped" dir="auto">${beginning(texts.filter(Boolean).join(' '))}</p>`}</article>`;
}

/** The first words of a text, on one line. */
function beginning(text) {
  const words = text.slice(0, 240).replace(/\s+/g, ' ');
  return `${words.slice(0, words.lastIndexOf(' ') > 0 ? words.lastIndexOf(' ') : words.length)} …`;
}

function Tools({ tools }) {
  const [open, setOpen] = useState(false);
  if (!tools || tools.length === 0) return null;
  return html`<div class="offered"><button type="button" class="btn link" aria-expanded=${open} onClick=${() => setOpen(!open)}>
    <${Icon} name=${open ? 'down' : 'right'} small /> ${plural(tools.length, 'tool')} offered</button>
    ${open ? html`<dl>${tools.map((tool) => html`<div class="offer" key=${tool.name}><dt class="mono">${tool.name}</dt>
      <dd>${tool.description ? html`<p class="soft" dir="auto">${tool.description}</p>` : null}
      ${tool.parameters === undefined ? null : html`<${Value} value=${tool.parameters} mono=${true} />`}</dd>
        </div>`)}</dl>` : html`<span class="muted offered-names">${tools.map((tool) => tool.name).join(', ')}</span>`}</div>`;
}

function Shared({ detail, trace, count: number, unfolded, onToggle }) {
  const { previous } = detail;
  return html`<div class="shared"><button type="button" class="btn tiny" aria-expanded=${unfolded} onClick=${onToggle}>
    <${Icon} name=${unfolded ? 'minus' : 'expand'} small />${unfolded ? 'Fold' : 'Show'} ${plural(number, 'message')}</button>
    <span class="muted">as in the <a href=${traceUrl(previous.traceId, previous.spanId)}>previous call</a>
      ${previous.traceId === trace.traceId ? '' : ' (another trace)'}</span></div>`;
}

/** Messages in a row; of very many, the ends are drawn and the middle on demand. */
function Messages({ messages, from, context, fresh = false }) {
  const [middle, setMiddle] = useState(0);
  const rows = useMemo(() => messages.map((message, at) => ({ message, at: from + at })).filter(({ message }) => !shownElsewhere(message, context.shown)), [messages, context]);
  const hidden = Math.max(0, rows.length - HEAD - TAIL - middle);
  const draw = ({ message, at }) => html`<${MessageView} key=${at} message=${message} at=${at} context=${context} fresh=${fresh} />`;
  if (hidden === 0) return rows.map(draw);
  return html`${rows.slice(0, HEAD).map(draw)}
    <div class="gap"><span class="tnum">${plural(hidden, 'message')} between</span>
      <button type="button" class="btn tiny" onClick=${() => setMiddle(middle + MORE)}>Show ${count(Math.min(MORE, hidden))} earlier</button>
      <button type="button" class="btn tiny" onClick=${() => setMiddle(rows.length)}>Show all</button></div>
    ${rows.slice(HEAD + hidden).map(draw)}`;
}
