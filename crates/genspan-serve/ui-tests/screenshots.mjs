/** Every view, light and dark, wide and narrow, as pictures to look at. */
import { join } from 'node:path';

/** @returns {Promise<string>} how many were taken */
export async function screenshots({ browser, data, folder }) {
  let taken = 0;
  for (const theme of ['light', 'dark']) {
    for (const width of [1440, 900]) {
      for (const [name, path] of Object.entries(await data.views(browser))) {
        const page = await browser.open(path, { theme, width });
        await page.waitForLoadState('load');
        await page.locator('main h1').waitFor();
        await page.waitForTimeout(400); // charts are drawn a moment after their data
        await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`), caret: 'initial' });
        await page.context().close();
        taken += 1;
      }
    }
  }
  return `${taken} pictures in ${folder}`;
}
