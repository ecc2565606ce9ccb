/** Through every view with the mouse. */
import { assert, holds, until, rows, spans, rowOf, panel } from './expect.mjs';

export default async function mouse({ browser, data, check }) {
  const page = await browser.open('/');
  const { trace } = data;

  await check('mouse: the list shows the agent’s trace with its numbers', async () => {
    const row = rowOf(page, data.agent);
    await holds(row, data.row.text);
    for (const number of data.row.numbers) await holds(row, number);
    await holds(row.locator('td').last(), data.row.status);
    assert.equal(await page.title(), 'genspan');
  });

  await check('mouse: search finds as one types, and its address says what was searched', async () => {
    await page.getByRole('searchbox').click();
    await page.keyboard.type(data.search.text, { delay: 15 });
    await until(() => page.locator('tr[data-trace] mark').allInnerTexts(), (marks) => marks.includes(data.search.mark), 'no marked match');
    assert.equal(new URL(page.url()).searchParams.get('text'), data.search.text);
    await holds(rows(page), data.search.finds);
    await page.getByRole('searchbox').fill('zzzqqq');
    await holds(page.locator('.empty'), 'Nothing matches');
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await until(() => rows(page).count(), (n) => n > 1, 'the list did not come back');
    assert.equal(new URL(page.url()).search, '');
    assert.equal(await page.getByRole('searchbox').inputValue(), '');
  });

  await check('mouse: a filter narrows the list, stands in the address and can be dropped', async () => {
    await page.getByRole('combobox', { name: data.filter.label }).selectOption(data.filter.value);
    await until(() => rows(page).count(), (n) => n === data.filter.rows, 'the filter did not narrow the list');
    assert.ok(page.url().includes(data.filter.value));
    await page.reload();
    await until(() => rows(page).count(), (n) => n === data.filter.rows, 'the address did not bring the filter back');
    await page.getByRole('button', { name: 'Drop filter tool' }).click();
    await until(() => page.url(), (url) => !url.includes('tool='), 'the filter stayed');
  });

  await check('mouse: a trace opens with its spans', async () => {
    await rowOf(page, data.agent).click({ position: { x: 260, y: 12 } });
    await page.getByRole('treegrid', { name: 'Spans' }).waitFor();
    await until(() => spans(page).count(), (n) => n === trace.spans, 'not every span has a row');
    assert.deepEqual(await page.locator('.span-name').allInnerTexts(), trace.names);
    await holds(spans(page).filter({ hasText: trace.tokens }), trace.tokens);
    assert.equal(await page.title(), `${data.agent} · genspan`);
  });

  await check('mouse: a sub-agent folds and unfolds', async () => {
    const row = spans(page).filter({ has: page.locator('.span-name', { hasText: trace.subAgent.fold }) });
    await row.locator('.fold').click();
    await until(() => spans(page).count(), (n) => n === trace.spans - trace.subAgent.hides, 'nothing was folded');
    await holds(row, `${trace.subAgent.hides} spans`);
    await page.getByRole('button', { name: 'Unfold all' }).click();
    await until(() => spans(page).count(), (n) => n === trace.spans, 'nothing was unfolded');
    await page.getByRole('button', { name: 'Fold sub-agents' }).click();
    await until(() => spans(page).count(), (n) => n < trace.spans, 'sub-agents were not folded');
    await page.getByRole('button', { name: 'Unfold all' }).click();
  });

  await check('mouse: the conversation of a call, with its tool call and result paired', async () => {
    await spans(page).filter({ hasText: trace.tokens }).click();
    await holds(panel(page), trace.conversation.system);
    const card = panel(page).locator('.call-card').filter({ hasText: trace.conversation.call }).first();
    if (trace.conversation.shared) {
      await page.getByRole('button', { name: trace.conversation.shared }).click();
      await holds(panel(page), 'New in this call');
    } else {
      const folded = panel(page).locator('.shared button[aria-expanded=false]');
      await card.or(folded).first().waitFor();
      if (await folded.count() > 0) await folded.click();
    }
    await holds(panel(page), trace.conversation.folded);
    await holds(card, trace.tool.result.replace(/^"sky".*/, 'Result'));
    await card.getByRole('button', { name: 'Its span' }).click();
    await holds(page.locator('.detail-head h2'), trace.tool.name);
  });

  await check('mouse: a tool’s span shows what it was called with and what it gave back', async () => {
    await spans(page).filter({ has: page.locator('.span-name', { hasText: trace.tool.name }) }).click();
    await holds(panel(page), trace.tool.argument);
    await holds(panel(page), trace.tool.result);
  });

  await check('mouse: a failed call says why, first', async () => {
    await spans(page).filter({ hasText: trace.failing.type }).click();
    await holds(panel(page).locator('.notice.error'), trace.failing.type);
    await holds(panel(page).locator('.notice.error'), trace.failing.says);
  });

  await check('mouse: timing, cost and attributes of a call', async () => {
    await spans(page).filter({ hasText: trace.tokens }).click();
    await page.getByRole('tab', { name: 'Timing & cost' }).click();
    for (const part of trace.usage) await holds(panel(page), part);
    await page.getByRole('tab', { name: /Attributes/ }).click();
    await page.getByRole('textbox', { name: 'Filter attributes' }).fill(trace.attribute.filter);
    const pairs = panel(page).locator('table.pairs').first().locator('tbody tr');
    await until(() => pairs.first().innerText(), (text) => text.includes(trace.attribute.key) && text.includes(trace.attribute.value), 'the attribute was not found');
    if (trace.curl) {
      await page.getByRole('button', { name: 'Copy as curl' }).click();
      await until(() => page.evaluate(() => navigator.clipboard.readText()), (text) => text.startsWith(trace.curl), 'nothing was copied');
    }
    await page.getByRole('tab', { name: 'Conversation' }).click();
  });

  await check('mouse: back finds the list as it was left', async () => {
    await page.goBack();
    await page.locator('tr[data-trace]').first().waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
  });

  await check('mouse: two picked traces are compared', async () => {
    await page.goto('/?agent=trip-planner');
    await until(() => rows(page).count(), (n) => n >= 2, 'there are no two traces of the agent');
    await rows(page).nth(0).getByRole('checkbox').click();
    await rows(page).nth(1).getByRole('checkbox').click();
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    for (const total of data.compare.totals) await holds(page.locator('dl.totals'), total);
    await holds(page.locator('dl.totals'), data.compare.delta);
    await holds(page.locator('.pairs-table'), data.compare.only);
    await page.locator('.pair-name').filter({ hasText: trace.tool.name }).click();
    await holds(page.getByRole('region', { name: 'Texts of the selected pair' }), 'Arguments');
  });

  await check('mouse: models and tools in numbers, as charts and as tables', async () => {
    await page.getByRole('link', { name: 'Models & tools' }).click();
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await holds(page.getByRole('table', { name: 'Models' }), data.models.model);
    await holds(page.getByRole('table', { name: 'Tools' }), data.models.tool);
    await page.locator('.chart canvas').first().waitFor();
    assert.equal(await page.locator('.chart canvas').count(), 10);
    await page.getByRole('button', { name: 'Model calls as a table' }).click();
    await holds(page.getByRole('region', { name: 'Model calls, numbers' }), data.models.model);
  });

  await check('mouse: conversations, with totals and how the context grew', async () => {
    await page.getByRole('link', { name: 'Conversations', exact: true }).click();
    const { conversations } = data;
    if (!conversations) {
      await until(() => page.locator('main').innerText(), (text) => text.includes('No conversations yet') || text.includes('Last user message'), 'neither conversations nor a hint');
      return;
    }
    await page.getByRole('link', { name: /Step 14/ }).click();
    for (const fact of conversations.facts) await holds(page.locator('.trace-head .summary'), fact);
    await page.getByRole('button', { name: `${conversations.chart} as a table` }).click();
    await holds(page.getByRole('region', { name: `${conversations.chart}, numbers` }), conversations.cell);
  });
  await page.context().close();
}
