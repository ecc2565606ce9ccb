/** A headless Chromium, pages that watch for errors, and axe. */
import { tools } from './deps.mjs';

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const executablePath = process.env.GENSPAN_CHROMIUM ?? '/usr/bin/chromium';

/** Starts the browser. @param {string} base the server's address */
export async function start(base) {
  const { chromium, axeSource } = tools();
  const browser = await chromium.launch({ executablePath, args: flags });
  const trouble = [];
  const expected = [];
  const own = new Set([new URL(base).origin]);

  async function open(path, { theme = 'light', width = 1440, height = 900 } = {}) {
    own.add(new URL(path, base).origin);
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce', baseURL: base, permissions: ['clipboard-read', 'clipboard-write'] });
    const page = await context.newPage();
    page.setDefaultTimeout(8000);
    page.on('pageerror', (error) => trouble.push(`${page.url()}: ${error.stack}`));
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) trouble.push(`${page.url()}: ${message.text()}`); });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (!own.has(url.origin) && url.protocol !== 'data:') trouble.push(`a request left this server: ${request.url()}`);
    });
    await page.goto(path);
    // A page is loaded before its modules have drawn it: keys that are pressed earlier go nowhere.
    await page.locator('main h1').first().waitFor({ state: 'attached' });
    return page;
  }

  /** Every rule of axe that WCAG 2.2 AA and good practice ask for. */
  async function axe(page, where) {
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] }));
    if (violations.length > 0) {
      const told = violations.map((one) => `${one.id} (${one.impact}): ${one.help}\n${one.nodes.slice(0, 5).map((node) => `      ${node.html.slice(0, 200)}\n      ${node.failureSummary?.replaceAll('\n', ' ')}`).join('\n')}`);
      throw new Error(`${violations.length} axe violations on ${where}:\n    ${told.join('\n    ')}`);
    }
  }

  return {
    open,
    axe,
    /** An error message that a check brings about itself. */
    expect: (part) => expected.push(part),
    trouble: () => trouble.filter((text) => !expected.some((part) => text.includes(part))),
    close: () => browser.close(),
  };
}
