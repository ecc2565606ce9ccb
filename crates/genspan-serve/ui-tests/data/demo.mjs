/** What two runs of `genspan demo` leave in a store, as the checks expect to read it. */

async function ids(browser) {
  const page = await browser.open('/');
  await page.locator('tr[data-trace]').first().waitFor();
  const found = await page.locator('tr[data-trace]').evaluateAll((rows) => rows.map((row) => row.dataset.trace));
  await page.context().close();
  return found;
}

export default {
  parts: ['mouse', 'keyboard', 'axe'],
  agent: 'trip-planner',
  row: { text: null, numbers: ['$0.00040'], status: null },
  search: { text: 'lisbon', finds: 'trip-planner', mark: 'Lisbon' },
  filter: { label: 'Tool', value: 'get_weather', rows: 2 },
  trace: {
    spans: 8,
    names: ['trip-planner', 'gpt-4o-mini', 'get_weather', 'ask_guide', 'guide', 'claude-sonnet-4-5', 'gpt-4o-mini', 'gpt-4o-mini'],
    tokens: '102 → 21',
    subAgent: { fold: 'ask_guide', hides: 2 },
    tool: { name: 'get_weather', argument: 'city', result: 'sunny, 24 degrees' },
    failing: { type: 'invalid_request', says: null },
    conversation: { system: null, call: 'get_weather', shared: null, folded: 'Plan a day in Lisbon for me.' },
    usage: ['Time to first chunk', 'Total'],
    attribute: { filter: 'input_tokens', key: 'gen_ai.usage.input_tokens', value: '102' },
    curl: "curl 'http://127.0.0.1:",
  },
  compare: { totals: ['4 → 4', '8 → 8'], delta: null, only: null },
  models: { model: 'claude-sonnet-4-5', tool: 'get_weather' },
  conversations: null,
  views: async (browser) => {
    const [b, a] = await ids(browser);
    return { list: '/', search: '/?text=lisbon', trace: `/traces/${b}`, 'trace-usage': `/traces/${b}?tab=usage`, 'trace-attributes': `/traces/${b}?tab=attributes`, compare: `/compare?a=${a}&b=${b}`, conversations: '/conversations', models: '/models', nothing: '/?text=zzzqqq' };
  },
};
