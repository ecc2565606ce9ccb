/** Logs and metrics, by mouse and by keyboard. */
import { assert, holds, until } from './expect.mjs';

const logs = (page) => page.locator('tr[data-log]');
const opened = (page) => page.locator('tr.log-opened');

export default async function beside({ browser, data, check }) {
  const { beside: kept } = data;

  await check('logs: records are found by what they say, and opened', async () => {
    const page = await browser.open('/');
    await page.getByRole('link', { name: 'Logs', exact: true }).click();
    await logs(page).first().waitFor();
    const row = logs(page).filter({ hasText: kept.record.event }).first();
    for (const text of kept.record.row) await holds(row, text);
    await row.locator('a.row-link').click();
    for (const text of kept.record.opened) await holds(opened(page), text);
    assert.match(page.url(), /[?&]log=\d+/);
    await opened(page).getByRole('link', { name: 'All of this session' }).click();
    await holds(page.locator('.chips'), `session: ${kept.record.session}`);
    await until(() => logs(page).count(), (n) => n === kept.record.ofSession, 'the session has other records');
    await page.getByRole('button', { name: 'Drop filter conversation' }).click();
    await page.getByRole('combobox', { name: 'Severity' }).selectOption('warn');
    await until(() => logs(page).count(), (n) => n === kept.warnings, 'there are other warnings');
    await page.getByRole('searchbox').fill(kept.search.text);
    await until(() => logs(page).count(), (n) => n === 1, 'the search finds something else');
    await holds(page.locator('mark').first(), kept.search.mark);
    await page.reload();
    await until(() => logs(page).count(), (n) => n === 1, 'the address does not hold the filters');
    const link = logs(page).getByRole('link', { name: kept.search.trace.slice(0, 8) });
    await link.click();
    await page.locator('.timeline').waitFor();
    assert.equal(new URL(page.url()).pathname, `/traces/${kept.search.trace}`);
    await page.getByRole('link', { name: 'Logs', exact: true }).last().click();
    await until(() => logs(page).count(), (n) => n === kept.ofTrace, 'the trace has other records');
    await page.context().close();
  });

  await check('logs: markup and other directions are text', async () => {
    const page = await browser.open('/logs?text=onerror');
    await logs(page).first().waitFor();
    await holds(logs(page).first(), '<script>document.title="owned"');
    await logs(page).first().locator('a.row-link').click();
    await holds(opened(page), '<script>key</script>');
    assert.equal(await page.locator('main img, main script').count(), 0);
    assert.notEqual(await page.title(), 'owned');
    await page.context().close();
  });

  // Only some data has that many records.
  if (kept.further) await furtherBack({ browser, kept, check });

  await check('logs: by keyboard alone', async () => {
    const page = await browser.open('/');
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await logs(page).first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await opened(page).getByRole('link', { name: 'Close' }).waitFor();
    assert.equal(await logs(page).nth(1).locator('a.row-link').getAttribute('aria-expanded'), 'true');
    await page.keyboard.press('Escape');
    await opened(page).waitFor({ state: 'detached' });
    const at = await page.evaluate(() => document.activeElement.closest('tr')?.rowIndex);
    assert.equal(at, 2, 'the focus is not where it was');
    await page.keyboard.press('/');
    await page.keyboard.type(kept.search.text);
    await until(() => logs(page).count(), (n) => n === 1, 'the search finds something else');
    await page.context().close();
  });

  await check('metrics: values, series and their chart', async () => {
    const page = await browser.open('/');
    await page.keyboard.press('g');
    await page.keyboard.press('n');
    const row = page.locator(`tr[data-metric="${kept.metric.name}"]`);
    for (const text of kept.metric.row) await holds(row, text);
    await row.locator('a.row-link').focus();
    await page.keyboard.press('Enter');
    for (const text of kept.metric.series) await holds(page.getByRole('table', { name: 'Series' }), text);
    await opened(page).locator('canvas').waitFor();
    await page.getByRole('button', { name: `${kept.metric.name} as a table` }).click();
    await holds(page.getByRole('region', { name: `${kept.metric.name}, numbers` }), kept.metric.label);
    await page.getByRole('searchbox').fill(kept.metric.search);
    await until(() => page.locator('tr[data-metric]').count(), (n) => n === 1, 'the search finds something else');
    await page.getByRole('searchbox').fill('zzzqqq');
    await holds(page.locator('main'), 'Nothing matches');
    await page.context().close();
  });
}

async function furtherBack({ browser, kept, check }) {
  await check('logs: a search goes on where it stopped', async () => {
    const page = await browser.open(`/logs?text=${kept.further.text}`);
    await holds(page.locator('.list-foot'), kept.further.foot);
    await page.getByRole('button', { name: 'Look further back' }).click();
    await until(() => logs(page).count(), (n) => n === 1, 'the record further back was not found');
    await holds(page.locator('.list-foot'), 'That is all of them.');
    await page.context().close();
  });

  await check('logs: a key held down asks for older records once', async () => {
    const page = await browser.open('/logs');
    await logs(page).first().waitFor();
    const before = await logs(page).count();
    let asked = 0;
    let answer;
    const held = new Promise((done) => { answer = done; });
    await page.route(/\/api\/logs\?.*before=/, async (route) => { asked += 1; await held; await route.continue(); });
    await logs(page).nth(before - 2).locator('a.row-link').focus();
    for (let times = 0; times < 5; times += 1) await page.keyboard.press('j');
    answer();
    await until(() => logs(page).count(), (n) => n > before, 'the older records did not come');
    assert.equal(asked, 1);
    await page.context().close();
  });
}
