/** The parts of a message: text, reasoning, tool calls with their results, images and what else there is. */
import { html, useState } from '../lib.js';
import { Icon } from '../ui/icon.js';
import { Value, LongText, asText } from './value.js';
import { bytes } from '../format.js';

const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp', 'image/svg+xml'];

/** @param {{part: import('../types.js').Part, context: {results: Map<string, any>, calls: Map<string, any>, open?: (id: string) => any}}} props */
export function PartView({ part, context }) {
  switch (part.type) {
    case 'text': return html`<${TextPart} text=${asText(part.content ?? '')} />`;
    case 'reasoning': case 'thinking': return html`<${Reasoning} text=${asText(part.content ?? '')} />`;
    case 'tool_call': return html`<${ToolCallPart} part=${part} context=${context} />`;
    case 'tool_call_response': return html`<${ToolResult} part=${part} name=${context.calls.get(part.id)?.name} />`;
    case 'blob': return html`<${Blob64} part=${part} />`;
    case 'uri': case 'file': return html`<${Reference} part=${part} />`;
    default: return html`<div class="part other-part"><span class="tag">${part.type ?? 'part of unknown type'}</span><${Value} value=${part} mono=${true} /></div>`;
  }
}

/** Plain text, as it is; a text that is one JSON document is laid out. */
const TextPart = ({ text }) => (/^\s*[[{]/.test(text) ? html`<div class="part"><${Value} value=${text} /></div>` : html`<div class="part">
  <${LongText} text=${text} /></div>`);

function Reasoning({ text }) {
  const [open, setOpen] = useState(text.length < 600);
  return html`<div class="part reasoning"><button type="button" class="btn link" aria-expanded=${open} onClick=${() => setOpen(!open)}>
    <${Icon} name=${open ? 'down' : 'right'} small /> Reasoning</button>
    ${open ? (text ? html`<${LongText} text=${text} />` : html`<p class="muted">The provider did not disclose it.</p>`) : null}</div>`;
}

function ToolCallPart({ part, context }) {
  const result = part.id ? context.results.get(part.id) : undefined;
  const go = part.id ? context.open?.(part.id) : null;
  return html`<div class="part call-card"><div class="call-head"><span class="kind-tool"><${Icon} name="tool" /></span>
    <strong class="mono">${part.name ?? 'tool'}</strong>
      ${part.id ? html`<span class="muted mono call-id">${part.id}</span>` : null}<span class="grow"></span>
        ${go ? html`<button type="button" class="btn link" onClick=${go}>Its span</button>` : null}</div>
    <div class="call-body"><h4>Arguments</h4>${part.arguments === undefined || part.arguments === null ? html`<p class="muted">None were recorded.</p>` : html`<${Value} value=${part.arguments} mono=${true} />`}
      ${result ? html`<h4>Result</h4><${Value} value=${result.response ?? result.result ?? result} mono=${true} />` : null}</div></div>`;
}

/** A result whose call is not on the page: in folded messages, or never received. */
const ToolResult = ({ part, name }) => html`<div class="part call-card"><div class="call-head"><span class="kind-tool"><${Icon} name="tool" />
  </span><span>Result of <strong class="mono">${name ?? 'a tool'}</strong></span>
  ${part.id ? html`<span class="muted mono call-id">${part.id}</span>` : null}</div><div class="call-body">
    <${Value} value=${part.response ?? part.result ?? ''} mono=${true} /></div></div>`;

function Blob64({ part }) {
  const type = String(part.mime_type ?? '').toLowerCase();
  const content = String(part.content ?? '');
  const size = bytes(Math.floor((content.length * 3) / 4));
  if (content && imageTypes.includes(type) && /^[A-Za-z0-9+/=_\-\s]*$/.test(content)) {
    return html`<figure class="part image-part"><img src=${`data:${type};base64,${content.replace(/-/g, '+').replace(/_/g, '/')}`} alt=${`Image of the message, ${type}, ${size}`} loading="lazy" /><figcaption class="muted">${type}, ${size}</figcaption></figure>`;
  }
  return html`<div class="part"><span class="tag">${part.modality ?? 'binary'}</span> <span class="muted">
    ${type || 'unknown type'}, ${content ? size : 'content not kept'}</span></div>`;
}

/** What lies elsewhere is named, never fetched: this page loads nothing from other places. */
const Reference = ({ part }) => html`<div class="part"><span class="tag">${part.modality ?? part.type}</span> <span class="mono wrap-any">
  ${part.uri ?? part.file_id ?? asText(part)}</span>
  ${part.mime_type ? html` <span class="muted">${part.mime_type}</span>` : null}</div>`;
