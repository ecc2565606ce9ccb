/** Lists that an answer leaves out become empty ones, and a message's bare text becomes a part, so that the views need not ask. */

const tidyMessage = (message) => ({
  ...message,
  parts: Array.isArray(message.parts) ? message.parts : message.content === undefined ? [] : [{ type: 'text', content: message.content }],
});

/** @param {import('../types.js').SpanDetail} detail @returns {import('../types.js').SpanDetail} */
export function tidy(detail) {
  return {
    ...detail,
    attributes: detail.attributes ?? [],
    events: (detail.events ?? []).map((event) => ({ ...event, attributes: event.attributes ?? [] })),
    ...(detail.input ? { input: detail.input.map(tidyMessage) } : {}),
    ...(detail.output ? { output: detail.output.map(tidyMessage) } : {}),
  };
}
