/** The fixture's traces that checks look at, sent over OTLP to a real server whose store is empty. */
import fixture from './fixture.mjs';
import { send, sendLogs, sendMetrics } from '../fixtures/otlp.mjs';
import { logs, metrics } from '../fixtures/beside.mjs';
import { planner } from '../fixtures/planner.mjs';
import { edges, big, long } from '../fixtures/edges.mjs';
import { turns } from '../fixtures/store.mjs';

const SECOND = 1_000_000;

export default {
  ...fixture,
  parts: ['mouse', 'keyboard', 'beside', 'axe', 'edges'],
  // A real server looks at more records than these at once.
  beside: { ...fixture.beside, further: null },
  isSent: true,
  send: async (endpoint) => {
    if (!endpoint) throw new Error('--data sent wants --otlp ENDPOINT, such as http://127.0.0.1:4318');
    const now = Date.now() * 1000;
    await send(endpoint, [
      ...turns(now), big(now - 1500 * SECOND), long(now - 240 * SECOND), edges(now - 130 * SECOND), planner(now - 75 * SECOND, { name: 'planner 2', second: true }), planner(now - 20 * SECOND),
    ]);
    await sendLogs(endpoint, logs(now));
    await sendMetrics(endpoint, metrics(now));
  },
  // Those that no other data shows of a real server.
  views: async () => {
    const { 'trace-error': error, 'trace-big': big, 'trace-edges': edges, 'trace-missing': missing, conversations, conversation, logs: records, 'logs-found': found, 'metrics-open': series } = await fixture.views();
    return { trace: error, 'trace-big': big, 'trace-edges': edges, 'trace-missing': missing, conversations, conversation, logs: records, 'logs-found': found, 'metrics-open': series };
  },
};
