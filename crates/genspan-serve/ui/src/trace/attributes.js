/** Everything that was recorded, as it was recorded: attributes, events, links, resource, sources. */
import { html, useState, useMemo } from '../lib.js';
import { Copy } from '../ui/bits.js';
import { Value, asText } from '../conversation/value.js';
import { traceUrl } from '../router.js';
import { absolute, duration, plural } from '../format.js';

const matches = (needle) => ({ key, value }) => !needle || key.toLowerCase().includes(needle) || asText(value).toLowerCase().includes(needle);

/** Keys with their values, each to be copied. */
export function Pairs({ pairs, empty = 'None.' }) {
  if (pairs.length === 0) return html`<p class="muted">${empty}</p>`;
  return html`<table class="pairs"><colgroup><col class="col-key" /><col /><col class="col-do" /></colgroup><thead><tr><th scope="col">
    <span class="sr-only">Key</span></th><th scope="col"><span class="sr-only">Value</span></th><th scope="col"><span class="sr-only">Copy</span>
    </th></tr></thead><tbody>${pairs.map(({ key, value }, at) => html`<tr key=${`${key}-${at}`}>
    <th scope="row" class="mono">${key}</th><td><${Value} value=${value} mono=${true} /></td><td class="do">
      <${Copy} text=${() => asText(value)} label=${`Copy ${key}`} hideLabel=${true} className="btn quiet tiny" /></td></tr>`)}</tbody></table>`;
}

/** @param {{detail: import('../types.js').SpanDetail}} props */
export function Attributes({ detail }) {
  const [text, setText] = useState('');
  const needle = text.trim().toLowerCase();
  const shown = useMemo(() => detail.attributes.filter(matches(needle)), [detail, needle]);
  const { span, events = [], links = [], resource = [], sourcesDetail = [], scope } = detail;
  return html`<section class="block"><div class="block-head"><h3>Attributes</h3>
    <input class="field" type="text" aria-label="Filter attributes" placeholder="Filter keys and values" value=${text} spellcheck="false"
      onInput=${(event) => setText(event.target.value)} />
        <span class="muted tnum" role="status">${needle ? `${shown.length} of ${detail.attributes.length}` : ''}</span><span class="grow"></span>
      <${Copy} text=${() => JSON.stringify(Object.fromEntries(detail.attributes.map(({ key, value }) => [key, value])), null, 2)} label="Copy all as JSON" /></div>
    <${Pairs} pairs=${shown} empty=${needle ? 'No key or value holds that.' : 'None were recorded.'} /></section>
    ${events.length > 0 ? html`<section class="block"><h3>${plural(events.length, 'event')}</h3>
      ${events.map((event, at) => html`<div class="event" key=${at}><div class="event-head"><strong>${event.name}</strong>
      <span class="muted tnum" title=${absolute(event.timeMicros)}>${duration(event.timeMicros - span.startMicros)} in</span></div>
        ${event.attributes.length > 0 ? html`<${Pairs} pairs=${event.attributes} />` : null}</div>`)}</section>` : null}
    ${links.length > 0 ? html`<section class="block"><h3>${plural(links.length, 'link')}</h3><ul>
      ${links.map((link) => html`<li key=${link.spanId}><a class="mono" href=${traceUrl(link.traceId, link.spanId)}>
      ${link.traceId} / ${link.spanId}</a></li>`)}</ul></section>` : null}
    ${sourcesDetail.length > 0 ? html`<section class="block"><h3>Told by</h3><table class="pairs"><colgroup><col class="col-key" /><col />
      </colgroup><thead><tr><th scope="col"><span class="sr-only">Source</span></th><th scope="col"><span class="sr-only">Span</span></th></tr>
      </thead><tbody>${sourcesDetail.map((one) => html`<tr key=${one.source + one.spanId}>
      <th scope="row">${one.source}</th><td>${one.name} <span class="mono muted">${one.spanId}</span></td></tr>`)}</tbody></table></section>` : null}
    <section class="block"><h3>Span</h3><${Pairs} pairs=${[{ key: 'name', value: span.name }, { key: 'span id', value: span.spanId }, { key: 'parent id', value: span.parentId }, { key: 'start', value: absolute(span.startMicros) },
      { key: 'scope', value: scope ? `${scope.name}${scope.version ? ` ${scope.version}` : ''}` : undefined }].filter(({ value }) => value !== undefined)} /></section>
    ${resource.length > 0 ? html`<section class="block"><h3>Resource</h3><${Pairs} pairs=${resource} /></section>` : null}`;
}
