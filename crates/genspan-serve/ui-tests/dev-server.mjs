/**
 * Serves the pages and made-up data in the shapes of the JSON API, under the same Content-Security-Policy as the binary.
 *
 *   node dev-server.mjs [--port 4400] [--empty | --demo]
 *
 * `POST /dev/trace` stores one more trace and `POST /dev/span?trace=ID` one more span at its beginning, for watching live updates.
 */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join, normalize, extname } from 'node:path';
import { makeStore, everyday } from './fixtures/store.mjs';
import { spanId } from './fixtures/random.mjs';
import * as queries from './fixtures/queries.mjs';
import { logList, logFacets, metricList } from './fixtures/beside.mjs';

const root = fileURLToPath(new URL('../ui/', import.meta.url));
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types genspan";

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
const missing = (response, what) => json(response, 404, { error: { message: `There is no ${what} here; it may have been forgotten. List what there is with \`genspan query\`.` } });

async function file(response, path) {
  const name = extname(path) ? path : '/index.html';
  try {
    const body = await readFile(join(root, normalize(name)));
    response.writeHead(200, { 'content-type': types[extname(name)] ?? 'text/plain', 'content-security-policy': policy, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/** Starts on a port (0: any free one) and tells the address. */
export async function serve({ port = 0, of = 'everything' } = {}) {
  const store = makeStore({ of });
  const live = new Set();
  let added = 5000;
  const changed = () => { store.revision += 1; for (const stream of live) stream.write(`event: revision\ndata: {"revision":${store.revision}}\n\n`); };
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    const filter = Object.fromEntries(url.searchParams);
    const [area, id, sub, span] = url.pathname.replace(/^\/api\//, '').split('/').map(decodeURIComponent);
    if (request.method === 'POST' && url.pathname === '/dev/trace') {
      const one = everyday(added += 1, Date.now() * 1000);
      store.put(one);
      changed();
      return json(response, 200, { traceId: one.row.traceId });
    }
    if (request.method === 'POST' && url.pathname === '/dev/span') {
      const grown = store.traces.get(filter.trace);
      const [root] = grown.spans;
      grown.spans.splice(1, 0, { ...root, spanId: spanId(`late ${added += 1}`), parentId: root.spanId, name: 'late step', kind: 'other', agent: undefined, startMicros: root.startMicros + 1, durationMicros: 500 });
      grown.row.spans += 1;
      changed();
      return json(response, 200, {});
    }
    if (!url.pathname.startsWith('/api/')) return void file(response, url.pathname);
    if (area === 'live') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(': here\n\n');
      live.add(response);
      return void request.on('close', () => live.delete(response));
    }
    if (area === 'facets') return json(response, 200, queries.facets(store));
    if (area === 'metrics') return json(response, 200, metricList(store, filter));
    if (area === 'logs') {
      if (id === 'facets') return json(response, 200, logFacets(store));
      if (!id) return json(response, 200, logList(store, filter));
      const record = store.logs.find(({ row }) => String(row.id) === id);
      return record ? json(response, 200, record.detail) : missing(response, `log record ${id}`);
    }
    if (area === 'statistics') return json(response, 200, queries.statistics(store, filter));
    if (area === 'conversations') {
      const body = id ? queries.conversation(store, id) : queries.conversations(store, filter);
      return body ? json(response, 200, body) : missing(response, `conversation ${id}`);
    }
    if (area !== 'traces') return missing(response, 'such page');
    if (!id) return json(response, 200, queries.list(store, filter));
    const one = store.traces.get(id);
    if (!one) return missing(response, `trace ${id}`);
    if (request.method === 'DELETE') {
      if (request.headers['x-genspan'] !== '1') return json(response, 403, { error: { message: 'The header x-genspan: 1 is missing.' } });
      store.traces.delete(id);
      changed();
      return void response.writeHead(204).end();
    }
    if (sub === 'export') { response.writeHead(200, { 'content-type': 'application/json', 'content-disposition': `attachment; filename="${id}.json"` }); return void response.end('{}'); }
    if (sub === 'spans') {
      const row = one.spans.find(({ spanId }) => spanId === span);
      return row ? json(response, 200, one.detail(row)) : missing(response, `span ${span}`);
    }
    return json(response, 200, { trace: one.row, spans: one.spans });
  });
  await new Promise((done) => { server.listen(port, '127.0.0.1', done); });
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => { for (const stream of live) stream.end(); server.closeAllConnections(); server.close(); } };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = process.argv.indexOf('--port');
  const { url } = await serve({ port: port > 0 ? Number(process.argv[port + 1]) : 4400, of: process.argv.includes('--empty') ? 'nothing' : process.argv.includes('--demo') ? 'demo' : 'everything' });
  console.log(url);
}
