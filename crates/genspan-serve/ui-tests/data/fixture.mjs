/** What the fixture server holds, as the checks expect to read it. */
import { traceId, spanId } from '../fixtures/random.mjs';
import { QUESTION } from '../fixtures/planner.mjs';

const planner = traceId('planner');
const span = (key) => spanId(`planner ${key}`);

export default {
  parts: ['pure', 'mouse', 'keyboard', 'beside', 'axe', 'edges', 'live'],
  agent: 'trip-planner',
  row: { text: QUESTION, numbers: ['1,902', '704', '262', '$0.0018', '3.10 s', '304 ms'], status: 'ok' },
  search: { text: 'gulbenkian', finds: 'trip-planner', mark: 'Gulbenkian' },
  filter: { label: 'Tool', value: 'get_weather', rows: 2 },
  trace: {
    spans: 8,
    names: ['trip-planner', 'gpt-4o-mini', 'get_weather', 'ask_guide', 'guide', 'claude-sonnet-4-5', 'gpt-4o-mini', 'gpt-4o-mini'],
    tokens: '1,140 → 116',
    subAgent: { fold: 'ask_guide', hides: 2 },
    tool: { name: 'get_weather', argument: '"city": "Lisbon"', result: '"sky": "sunny"' },
    failing: { type: 'invalid_request', says: 'Supported values are' },
    conversation: { system: 'You plan trips.', call: 'get_weather', shared: 'Show 2 messages', folded: QUESTION },
    usage: ['Time to first chunk', '1,256', 'Longest wait between chunks', 'Between chunks'],
    attribute: { filter: 'input_tokens', key: 'gen_ai.usage.input_tokens', value: '1140' },
    curl: "curl 'https://api.openai.com/v1/chat/completions'",
  },
  compare: { totals: ['3.91 s → 3.10 s', '3 → 4'], delta: '▼ −808 ms (21%)', only: 'only in B' },
  models: { model: 'claude-sonnet-4-5', tool: 'get_weather' },
  conversations: { open: 'conv-migration', facts: ['14', '140,000', '86.4% cached'], chart: 'Context growth', cell: '19,100' },
  beside: {
    record: { event: 'api_error', row: ['error', 'Overloaded', 'claude-code'], opened: ['status_code', '529', 'service.name'], session: '5f3c1a90-7d42-4f1e-9a0e-2b6d8c7e1f44', ofSession: 4 },
    warnings: 2, search: { text: 'entries older', mark: 'entries', trace: planner }, ofTrace: 2,
    further: { text: 'job.done+239', foot: '150 records looked at' },
    metric: { name: 'claude_code.token.usage', row: ['counter', 'Number of tokens used', 'tokens'], series: ['type=cacheRead', 'type=input', '30'], label: 'type=cacheRead', search: 'memory' },
  },
  views: async () => ({
    list: '/', search: '/?text=gulbenkian', filtered: '/?status=error&minDurationMs=500', trace: `/traces/${planner}`, 'trace-tool': `/traces/${planner}?span=${span('execute_tool get_weather')}`, 'trace-error': `/traces/${planner}?span=${span('chat 3')}`,
    'trace-usage': `/traces/${planner}?span=${span('chat 2')}&tab=usage`, 'trace-attributes': `/traces/${planner}?span=${span('chat 2')}&tab=attributes`, 'trace-big': `/traces/${traceId('big')}`, 'trace-edges': `/traces/${traceId('edges')}?span=${spanId('edges image')}`,
    'trace-missing': `/traces/${'0'.repeat(32)}`, compare: `/compare?a=${traceId('planner 2')}&b=${planner}`, conversations: '/conversations', conversation: '/conversations/conv-migration', models: '/models?since=7d', logs: '/logs', 'logs-open': '/logs?log=997', 'logs-found': '/logs?severity=warn&text=cache', metrics: '/metrics', 'metrics-open': `/metrics?metric=${encodeURIComponent('claude_code.token.usage counter claude-code tokens')}`, 'logs-nothing': '/logs?text=zzzqqq&since=1h', nothing: '/?text=zzzqqq', nowhere: '/nowhere',
  }),
};
