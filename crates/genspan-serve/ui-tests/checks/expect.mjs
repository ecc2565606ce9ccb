/** Assertions that say what was seen. */
import assert from 'node:assert/strict';

export { assert };

/** A locator's text holds a part. */
export async function holds(locator, part) {
  if (part === null) return;
  await locator.first().waitFor();
  await until(async () => (await locator.first().innerText()).replace(/\s+/g, ' '), (text) => text.includes(part), `expected “${part}”`);
}

/** Waits until a condition holds; says what was last seen when it does not. */
export async function until(read, wanted, what, ms = 6000) {
  const end = Date.now() + ms;
  let last;
  do {
    last = await read();
    if (wanted(last)) return last;
    await new Promise((done) => { setTimeout(done, 40); });
  } while (Date.now() < end);
  throw new assert.AssertionError({ message: `${what}; last seen: ${JSON.stringify(last)?.slice(0, 500)}` });
}

export const rows = (page) => page.locator('tr[data-trace]');
export const spans = (page) => page.locator('[role=row][data-span]');
/** The row of the list that belongs to an agent. */
export const rowOf = (page, agent) => rows(page).filter({ has: page.locator('td.a-agent', { hasText: agent }) }).first();
export const panel = (page) => page.getByRole('tabpanel');
/** Name of what has the focus, as a person would say it. */
export const focused = (page) => page.evaluate(() => { const at = document.activeElement; return at.getAttribute('aria-label') || at.innerText?.trim().split('\n')[0] || at.tagName; });
