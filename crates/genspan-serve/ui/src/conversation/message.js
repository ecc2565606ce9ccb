/** One message: who said it, and its parts. */
import { html, memo } from '../lib.js';
import { PartView } from './parts.js';

const roles = { system: 'System', user: 'User', assistant: 'Assistant', tool: 'Tool', developer: 'Developer' };

/** Whether a message holds nothing but results that are shown at their calls. */
export function shownElsewhere(message, calls) {
  return message.parts.length > 0 && message.parts.every((part) => part.type === 'tool_call_response' && part.id && calls.has(part.id));
}

/** @param {{message: import('../types.js').Message, at?: number, context: any, fresh?: boolean}} props */
function draw({ message, at, context, fresh }) {
  const role = roles[message.role] ?? message.role ?? 'Unknown';
  const parts = message.parts.filter((part) => !(part.type === 'tool_call_response' && part.id && context.shown?.has(part.id)));
  return html`<article class=${`msg role-${roles[message.role] ? message.role : 'other'}${fresh ? ' fresh' : ''}`}>
    <header><h3>${role}</h3>${at === undefined ? null : html`<span class="muted tnum">#${at + 1}</span>`}${fresh ? html`<span class="tag">new</span>` : null}
      ${message.finish_reason ? html`<span class="tag">${message.finish_reason}</span>` : null}</header>
    ${parts.length === 0 ? html`<p class="muted">No content was recorded.</p>` : parts.map((part, index) => html`<${PartView} key=${index} part=${part} context=${context} />`)}</article>`;
}

/** Drawn once; messages do not change. */
export const MessageView = memo(draw);
