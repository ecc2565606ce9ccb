/** A tool's execution: what it was called with and what it gave back. */
import { html } from '../lib.js';
import { Value } from './value.js';

/** @param {{detail: import('../types.js').SpanDetail}} props */
export function ToolCall({ detail }) {
  const { span } = detail;
  const none = (what) => html`<p class="muted">No ${what} recorded.</p>`;
  return html`${span.toolCallId ? html`<p class="muted">Call id <span class="mono">${span.toolCallId}</span></p>` : null}
    <section class="block"><h3>Arguments</h3>${detail.arguments === undefined ? none('arguments were') : html`<${Value} value=${detail.arguments} mono=${true} />`}</section>
    <section class="block"><h3>Result</h3>${detail.result === undefined ? none('result was') : html`<${Value} value=${detail.result} mono=${true} />`}</section>`;
}
