/** What an empty store says: three ways to the first trace. */
import { html } from '../lib.js';
import { Copy } from '../ui/bits.js';

const recipes = [
  ['genspan demo', 'Records an agent with tools and a sub-agent, offline, in a second.'],
  ['genspan run -- python app.py', 'Runs your program as it is and records its calls to models.'],
];

/** Shown where no trace was ever stored. */
export function FirstSteps() {
  const endpoint = `OTEL_EXPORTER_OTLP_ENDPOINT=http://${location.hostname || '127.0.0.1'}:4318`;
  const all = [...recipes, [endpoint, 'For a program that has OpenTelemetry already (gRPC listens on port 4317).']];
  return html`<div class="empty"><h2>No traces yet</h2><p>They appear here by themselves. Start with one of these:</p>
    ${all.map(([code, what]) => html`<div class="recipe" key=${code}><code>${code}</code><span class="what">${what}</span>
      <${Copy} text=${code} label="Copy" /></div>`)}</div>`;
}

/** Shown where filters leave nothing. */
export const NothingFound = ({ what = 'traces', onClear }) => html`<div class="empty"><h2>Nothing matches</h2>
  <p>No ${what} fit the search and the filters. Text is searched in prompts, answers, tool arguments and results.</p>
  <button type="button" class="btn" onClick=${onClear}>Clear search and filters</button></div>`;
