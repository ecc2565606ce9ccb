/** What breaks pages: markup, long values, other scripts, pictures, cuts, very many spans and messages. */
import { assert, holds, until, spans, panel } from './expect.mjs';
import { traceId, spanId } from '../fixtures/random.mjs';
import { SCRIPT, ARABIC, EMOJI, RULES } from '../fixtures/edges.mjs';

const edge = (key, rest = '') => `/traces/${traceId('edges')}?span=${spanId(`edges ${key}`)}${rest}`;

export default async function edges({ browser, data, check }) {
  const on = async (path, body) => {
    const page = await browser.open(path);
    await page.getByRole('tabpanel').and(page.locator('[aria-busy=false]')).waitFor();
    const said = await body(page);
    await page.context().close();
    return said;
  };

  await check('edges: a prompt of <script> is text and runs nothing', () => on(edge('script'), async (page) => {
    assert.equal(await panel(page).locator('.role-user .text').innerText(), SCRIPT);
    await holds(panel(page), '<iframe src="javascript:alert(1)"></iframe>');
    await page.getByRole('tab', { name: /Attributes/ }).click();
    await holds(panel(page), '<script>key</script>');
    assert.equal(await page.locator('iframe, main script, img').count(), 0);
    assert.equal(await page.title(), 'edge-cases · genspan');
  }));

  await check('edges: right-to-left text runs from the right', () => on(edge('arabic'), async (page) => {
    const text = panel(page).locator('.role-user .text');
    assert.equal(await text.innerText(), ARABIC);
    assert.equal(await text.evaluate((element) => getComputedStyle(element).direction), 'rtl');
  }));

  await check('edges: emoji, combined characters and a lone surrogate are kept', () => on(edge('emoji'), async (page) => {
    const text = await panel(page).locator('.role-user .text').evaluate((element) => element.textContent);
    // A server keeps UTF-8, which has no lone surrogates.
    assert.equal(text, data.isSent ? EMOJI.toWellFormed() : EMOJI);
    await holds(panel(page), '漢字かな交じり文 — ไทย — हिन्दी');
  }));

  await check('edges: an image is drawn, a remote one only named', () => on(edge('image'), async (page) => {
    const width = await until(() => panel(page).locator('img').evaluate((image) => image.naturalWidth), (n) => n > 0, 'the image was not drawn');
    assert.equal(width, 48);
    assert.equal(await page.locator('img').count(), 1);
    await holds(panel(page), 'https://example.com/cat.png');
  }));

  await check('edges: pages of instructions are folded to their beginning, and shown whole on demand', () => on(edge('unpriced'), async (page) => {
    const system = panel(page).locator('.role-system');
    await holds(system, 'You help with software. Follow the rule.');
    assert.ok(!(await system.innerText()).includes('The last rule.'));
    await system.getByRole('button', { name: `Show all ${RULES.length.toLocaleString('en')} characters` }).click();
    await holds(system, 'The last rule.');
    await system.getByRole('button', { name: 'Fold' }).click();
    await until(() => system.innerText(), (text) => !text.includes('The last rule.'), 'it does not fold again');
  }));

  await check('edges: an attribute of a megabyte is cut with its size, and shown whole on demand', () => on(edge('megabyte', '&tab=attributes'), async (page) => {
    const button = page.getByRole('button', { name: /Show all \(1\.05 MB/ });
    await button.waitFor();
    const began = Date.now();
    await button.click();
    const length = await until(() => panel(page).locator('td .text').evaluateAll((all) => Math.max(...all.map((one) => (one.textContent.endsWith('END') ? one.textContent.length : 0)))), (n) => n > 0, 'the end is not shown');
    assert.equal(length, 87_400 * 12 + 3);
    return `shown whole after ${Date.now() - began} ms`;
  }));

  await check('edges: cuts, cancellations, missing prices and missing parents are said', () => on(edge('cut'), async (page) => {
    await holds(panel(page), 'The stream of the answer ended before the answer did');
    await holds(panel(page).locator('.notes'), 'limit of its tokens');
    await spans(page).filter({ hasText: 'cancelled' }).click();
    await until(() => panel(page).innerText(), (text) => text.includes('given up before it ended'), 'the cancellation is not said');
    await spans(page).filter({ hasText: 'in-house-llama' }).click();
    await until(() => page.locator('.detail-head').innerText(), (text) => text.includes('unpriced'), 'unpriced is not said');
    await page.getByRole('tab', { name: 'Timing & cost' }).click();
    await holds(panel(page), 'No price is known for in-house-llama');
    assert.equal(await spans(page).filter({ hasText: 'no parent' }).count(), 2);
    assert.equal(await spans(page).count(), 12, 'a ring of parents hides spans');
  }));

  await check('edges: four thousand messages: what is new, then all of them', () => on(`/traces/${traceId('long')}`, async (page) => {
    assert.deepEqual(await panel(page).locator('.msg header').allInnerTexts().then((all) => all.map((text) => text.replace(/\s+/g, ' '))), ['Assistant #3998 new', 'User #3999 new', 'Assistant']);
    await page.getByRole('button', { name: 'Show 3,997 messages' }).click();
    await holds(panel(page).locator('.gap'), '3,877 messages between');
    const began = Date.now();
    await page.getByRole('button', { name: 'Show all', exact: true }).click();
    await until(() => panel(page).locator('.msg').count(), (n) => n === 4000, 'not all messages are shown');
    const spent = Date.now() - began;
    assert.match(await panel(page).locator('.msg').nth(2000).evaluate((element) => element.textContent), /Message 2001 of the long conversation\./);
    assert.ok(spent < 3000, `took ${spent} ms`);
    return `4,000 messages after ${spent} ms`;
  }));

  await check('edges: ten thousand spans open and scroll without a wait', async () => {
    const page = await browser.open('/');
    const client = await page.context().newCDPSession(page);
    // The page's own processor time: what else the machine does is not counted.
    await client.send('Performance.enable', { timeDomain: 'threadTicks' });
    const spent = async () => Object.fromEntries((await client.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value * 1000]));
    const id = traceId('big');
    await page.getByRole('searchbox').fill('every use of the old api');
    await until(() => page.locator(`tr[data-trace="${id}"]`).count(), (n) => n === 1, 'the trace is not in the list');
    const before = await spent();
    await page.locator(`tr[data-trace="${id}"] a.row-link`).click();
    await page.getByRole('tabpanel').and(page.locator('[aria-busy=false]')).waitFor();
    const opened = await spent();
    assert.ok(await spans(page).count() < 120, 'rows out of sight are drawn');
    assert.equal(await page.getByRole('treegrid').getAttribute('aria-rowcount'), '10001');
    const frames = 120;
    await page.getByRole('treegrid').evaluate((element, count) => new Promise((done) => {
      let at = 0;
      element.scrollTop = 0;
      const step = () => { element.scrollTop += 400; at += 1; if (at < count) requestAnimationFrame(step); else done(); };
      requestAnimationFrame(step);
    }), frames);
    const scrolled = await spent();
    await page.getByRole('treegrid').focus();
    await page.keyboard.press('End');
    await until(() => page.locator('[aria-selected=true][data-span]').getAttribute('aria-rowindex'), (at) => at === '10001', 'End did not reach the last span');
    await page.context().close();
    // Tasks without style and layout: script, its microtasks and collections, and what paints.
    const work = (one, two) => ['TaskDuration', 'LayoutDuration', 'RecalcStyleDuration'].reduce((sum, name, at) => sum + (at === 0 ? 1 : -1) * (two[name] - one[name]), 0);
    const script = work(before, opened);
    const frame = (name) => ((scrolled[name] - opened[name]) / frames).toFixed(1);
    assert.ok(script < 400, `opening took ${script.toFixed(0)} ms`);
    assert.ok(Number(frame('ScriptDuration')) < 8, `scrolling took ${frame('ScriptDuration')} ms of script a frame`);
    return `opened with ${script.toFixed(0)} ms of script and painting; a frame of scrolling: script ${frame('ScriptDuration')}, style ${frame('RecalcStyleDuration')}, layout ${frame('LayoutDuration')} ms`;
  });

  await check('edges: a trace that is not there says so and offers a way out', async () => {
    browser.expect('404');
    const page = await browser.open(`/traces/${'0'.repeat(32)}`);
    await holds(page.getByRole('alert'), 'There is no trace 0000');
    await page.getByRole('link', { name: 'All traces' }).click();
    await page.locator('tr[data-trace]').first().waitFor();
    await page.context().close();
  });
}
