/** What must be known before reading on, in plain sentences: errors, truncation, guesses. */
import { html } from '../lib.js';
import { Notice } from '../ui/bits.js';

const finishes = {
  content_filter: 'The provider’s content filter stopped the answer.',
  refusal: 'The model refused to answer.',
};

/** @param {{span: import('../types.js').SpanRow, detail: import('../types.js').SpanDetail|null}} props */
export function Notes({ span, detail }) {
  const notes = [];
  if (span.status === 'error') notes.push(html`<${Notice} key="error" tone="error" title=${`${span.errorType ?? 'Error'}.`}>
    ${span.errorMessage ?? 'No message was recorded.'}<//>`);
  if (span.status === 'cancelled') notes.push(html`<${Notice} key="cancelled" title="Cancelled.">It was given up before it ended; the numbers are those known by then.<//>`);
  if (span.status === 'open') notes.push(html`<${Notice} key="open" title="Still running.">What is shown is what has arrived so far.<//>`);
  if (span.truncated && !(detail?.truncation?.length > 0)) notes.push(html`<${Notice} key="cut" title="Truncated.">Not all of its content was received or kept.<//>`);
  for (const text of detail?.truncation ?? []) notes.push(html`<${Notice} key=${text} title="Truncated.">${text}<//>`);
  for (const reason of new Set(span.finishReasons ?? [])) if (finishes[reason]) notes.push(html`<${Notice} key=${reason} title=${`${reason}:`}>
    ${finishes[reason]}<//>`);
  if (span.inferred) notes.push(html`<${Notice} key="inferred" title="Inferred.">No program reported this step itself; it was concluded from the messages round it.<//>`);
  return notes.length > 0 ? html`<div class="notes">${notes}</div>` : null;
}
