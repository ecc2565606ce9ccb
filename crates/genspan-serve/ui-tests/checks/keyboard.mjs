/** The same ways, by keyboard alone. */
import { assert, holds, until, rows, spans, panel, focused } from './expect.mjs';

const path = (page) => new URL(page.url()).pathname;

export default async function keyboard({ browser, data, check }) {
  const page = await browser.open('/');
  const { trace } = data;
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  await page.locator('tr[data-trace]').first().waitFor();

  await check('keyboard: the first Tab offers to skip to the content', async () => {
    await press('Tab');
    assert.equal(await focused(page), 'Skip to content');
    await press('Enter');
    assert.equal(await focused(page), 'Traces');
  });

  await check('keyboard: / searches, the arrow goes to the results, Enter opens', async () => {
    await press('/');
    await page.keyboard.type('lisbon trip', { delay: 5 });
    await press('Escape');
    assert.equal(await page.getByRole('searchbox').inputValue(), '');
    await page.keyboard.type(data.search.text, { delay: 5 });
    await until(() => page.locator('tr[data-trace] mark').count(), (n) => n > 0, 'nothing was found');
    await press('ArrowDown', 'j', 'k', 'ArrowDown', 'ArrowUp', 'Enter');
    await until(() => path(page), (at) => at.startsWith('/traces/'), 'Enter did not open the trace');
    await page.getByRole('treegrid').waitFor();
    await until(() => focused(page), (name) => name.includes(data.agent) || name.includes('edge'), 'the new page did not take the focus at its heading');
  });

  await check('keyboard: u goes back to the row that was left', async () => {
    await press('u');
    await page.locator('tr[data-trace]').first().waitFor();
    await press('/');
    await page.keyboard.press('ControlOrMeta+a');
    await press('Delete', 'Enter');
    await page.goto('/?agent=trip-planner');
    await until(() => rows(page).count(), (n) => n >= 2, 'the list is not back');
    await press('j');
    const first = await focused(page);
    await press('Enter');
    await page.getByRole('treegrid').waitFor();
    await page.goBack();
    await page.locator('tr[data-trace]').first().waitFor();
    await until(() => focused(page), (name) => name === first, 'the focus is not on the row that was left');
  });

  await check('keyboard: the waterfall is a treegrid with one tab stop', async () => {
    await press('Enter');
    const grid = page.getByRole('treegrid');
    await grid.waitFor();
    const active = () => grid.evaluate((element) => document.getElementById(element.getAttribute('aria-activedescendant'))?.querySelector('.span-name')?.innerText);
    for (let tabs = 0; tabs < 30 && (await focused(page)) !== 'Spans'; tabs += 1) await press('Tab');
    assert.equal(await focused(page), 'Spans', 'the grid is not reached by Tab');
    await press('Home');
    assert.equal(await active(), trace.names[0]);
    const all = await spans(page).count();
    await press('ArrowLeft');
    await until(() => spans(page).count(), (n) => n === 1, 'ArrowLeft did not fold');
    assert.equal(await grid.evaluate((element) => document.getElementById(element.getAttribute('aria-activedescendant')).getAttribute('aria-expanded')), 'false');
    await press('ArrowRight');
    await until(() => spans(page).count(), (n) => n === all, 'ArrowRight did not unfold');
    await press('ArrowRight');
    assert.equal(await active(), trace.names[1]);
    await press('ArrowLeft');
    assert.equal(await active(), trace.names[0]);
    await press('End', 'ArrowUp');
    await press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H2');
  });

  await check('keyboard: e finds the error, brackets go from call to call', async () => {
    await press('e');
    if (await page.locator('.failed-mark').count() > 0) await holds(page.locator('.notice.error'), trace.failing.type);
    await press('[');
    await until(() => page.locator('[aria-selected=true][data-span] .kind.kind-chat').count(), (n) => n === 1, 'no call is selected');
    const before = page.url();
    await press('[');
    await until(() => page.url(), (url) => url !== before, 'the address does not follow the selection');
  });

  await check('keyboard: tabs move by arrows', async () => {
    await page.getByRole('tab', { selected: true }).focus();
    await press('ArrowRight');
    assert.equal(await focused(page), 'Timing & cost');
    await until(() => panel(page).innerText(), (text) => text.includes('Tokens and cost'), 'the panel did not follow');
    await press('End');
    assert.match(await focused(page), /^Attributes/);
    await press('Home');
  });

  await check('keyboard: ? helps, and single keys can be switched off', async () => {
    await press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    const box = page.getByRole('checkbox', { name: /Single keys act/ });
    await box.focus();
    await press('Space', 'Escape');
    await until(() => page.getByRole('dialog').count(), (n) => n === 0, 'the help stayed open');
    const before = page.url();
    await press('g', 'm');
    assert.equal(page.url(), before, 'a single key acted though switched off');
    await page.getByRole('button', { name: 'Keyboard help' }).focus();
    await press('Enter');
    await box.focus();
    await press('Space', 'Escape');
  });

  await check('keyboard: g and a letter go to the views', async () => {
    await page.locator('main h1').focus();
    await press('g', 'm');
    await until(() => path(page), (at) => at === '/models', 'g m did not go to the models');
    await press('g', 'c');
    await until(() => path(page), (at) => at === '/conversations', 'g c did not go to the conversations');
    await press('g', 't');
    await until(() => path(page), (at) => at === '/', 'g t did not go to the traces');
  });

  await check('keyboard: x picks, c compares, j moves among the pairs', async () => {
    await page.goto('/?agent=trip-planner');
    await until(() => rows(page).count(), (n) => n >= 2, 'there are no two traces');
    await press('j', 'x', 'j', 'x', 'c');
    await until(() => path(page), (at) => at === '/compare', 'c did not compare');
    await page.locator('.pair-name').first().waitFor();
    const before = await page.locator('.compare-texts h2').innerText();
    await press('j');
    await until(() => page.locator('.compare-texts h2').innerText(), (text) => text !== before, 'j did not move');
  });

  await check('keyboard: t turns the theme', async () => {
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    const before = await theme();
    await press('t');
    assert.notEqual(await theme(), before);
    await press('t');
    assert.equal(await theme(), before);
  });
  await page.context().close();
}
