/** Traces that arrive while one reads, and traces that are forgotten; and the page of an empty store. */
import { assert, holds, until, rows, spans } from './expect.mjs';
import { serve } from '../dev-server.mjs';

export default async function live({ browser, check, base }) {
  const add = async (server = base) => (await (await fetch(`${server}/dev/trace`, { method: 'POST' })).json()).traceId;

  await check('live: a new trace comes in on top while nobody reads further down', async () => {
    const page = await browser.open('/');
    await rows(page).first().waitFor();
    await holds(page.locator('.live'), 'Live');
    const id = await add();
    await until(() => rows(page).first().getAttribute('data-trace'), (first) => first === id, 'the new trace is not on top');
    await page.context().close();
  });

  await check('live: what is being read does not move; new traces wait behind a button', async () => {
    const page = await browser.open('/');
    await rows(page).first().waitFor();
    const box = page.locator('.list-scroll');
    await box.evaluate((element) => { element.scrollTop = 600; });
    const place = () => page.evaluate(() => { const row = [...document.querySelectorAll('tr[data-trace]')].find((one) => one.getBoundingClientRect().top > 300); return [row.dataset.trace, Math.round(row.getBoundingClientRect().top)]; });
    const before = await place();
    await add();
    await add();
    const button = page.getByRole('button', { name: /new traces?$/ });
    await until(() => button.innerText().catch(() => ''), (text) => text === '2 new traces', 'the new traces are not offered');
    assert.deepEqual(await place(), before);
    await page.keyboard.press('n');
    await until(() => box.evaluate((element) => element.scrollTop), (top) => top === 0, 'the list did not go to the new traces');
    await until(() => rows(page).first().innerText(), (text) => text.includes('just now') || text.includes('s ago'), 'the new traces are not on top');
    await page.context().close();
  });

  await check('live: older traces load while one scrolls, up to the last', async () => {
    const page = await browser.open('/');
    await rows(page).first().waitFor();
    const total = Number((await page.locator('.page-head .muted').innerText()).replace(/\D/g, ''));
    for (let turn = 0; turn < 60 && await rows(page).count() < total; turn += 1) {
      await page.locator('.list-scroll').evaluate((element) => { element.scrollTop = element.scrollHeight; });
      await page.waitForTimeout(60);
    }
    assert.equal(await rows(page).count(), total);
    await holds(page.locator('.list-foot'), 'That is all of them.');
    await page.context().close();
    return `${total} rows`;
  });

  await check('live: an open trace shows a late span, and what is selected stays where it is', async () => {
    const id = await add();
    const page = await browser.open(`/traces/${id}`);
    await spans(page).first().waitFor();
    const before = await spans(page).count();
    const selected = () => page.locator('[aria-selected=true][data-span]').getAttribute('data-span');
    const chosen = await selected();
    await fetch(`${base}/dev/span?trace=${id}`, { method: 'POST' });
    await until(() => spans(page).count(), (n) => n === before + 1, 'the late span is not shown');
    assert.equal(await selected(), chosen);
    await holds(spans(page).nth(1), 'late step');
    await page.context().close();
  });

  await check('live: a trace is forgotten after a question, and gone from the list', async () => {
    const id = await add();
    const page = await browser.open(`/traces/${id}`);
    await page.getByRole('button', { name: 'Forget…' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('button', { name: 'Forget…' }).click();
    await page.getByRole('button', { name: 'Forget it' }).click();
    await rows(page).first().waitFor();
    assert.equal(await page.locator(`tr[data-trace="${id}"]`).count(), 0);
    await page.context().close();
  });

  await check('live: an empty store says what to do next, and shows the first trace by itself', async () => {
    const empty = await serve({ of: 'nothing' });
    const page = await browser.open(empty.url);
    for (const hint of ['genspan demo', 'genspan run -- python app.py', ':4318']) await holds(page.locator('.empty'), hint);
    await browser.axe(page, 'the empty page');
    await add(empty.url);
    await until(() => rows(page).count(), (n) => n === 1, 'the first trace did not appear');
    await page.context().close();
    empty.close();
  });
}
