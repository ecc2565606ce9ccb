/** Where the page begins: which view an address shows. */
import { html, render, useErrorBoundary } from './lib.js';
import { useAddress } from './router.js';
import { Shell, Heading } from './shell.js';
import { Notice } from './ui/bits.js';
import { ListView } from './list/view.js';
import { TraceView } from './trace/view.js';
import { CompareView } from './compare/view.js';
import { ConversationsView } from './conversations/list.js';
import { ConversationView } from './conversations/one.js';
import { ModelsView } from './models/view.js';
import { LogsView } from './logs/view.js';
import { MetricsView } from './metrics/view.js';

function decode(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function view(address) {
  const [first, second] = address.pathname.split('/').filter(Boolean).map(decode);
  if (first === undefined) return html`<${ListView} key="list" address=${address} />`;
  if (first === 'traces' && second) return html`<${TraceView} key=${second} traceId=${second} address=${address} />`;
  if (first === 'compare') return html`<${CompareView} key="compare" address=${address} />`;
  if (first === 'conversations' && second) return html`<${ConversationView} key=${second} id=${second} />`;
  if (first === 'conversations') return html`<${ConversationsView} key="conversations" address=${address} />`;
  if (first === 'models') return html`<${ModelsView} key="models" address=${address} />`;
  if (first === 'logs') return html`<${LogsView} key="logs" address=${address} />`;
  if (first === 'metrics') return html`<${MetricsView} key="metrics" address=${address} />`;
  return html`<div class="empty"><${Heading} title="No such page" /><p>${address.pathname} is no page of genspan's.</p><a class="btn" href="/">All traces</a></div>`;
}

function App() {
  const address = useAddress();
  return html`<${Shell} path=${address.pathname}><${Guarded} key=${address.pathname}>${view(address)}<//><//>`;
}

/** A view that fails says so; the way to the others stays. */
function Guarded({ children }) {
  const [error, reset] = useErrorBoundary((cause) => console.error(cause));
  if (!error) return children;
  return html`<div class="empty"><${Heading} title="This view failed" />
    <${Notice} tone="error">${`${error.message ?? error}`}<//><button type="button" class="btn" onClick=${reset}>Try again</button></div>`;
}

render(html`<${App} />`, document.getElementById('app'));
