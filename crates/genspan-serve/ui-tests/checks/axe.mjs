/** axe over every view in both themes, wide and narrow. */

export default async function axe({ browser, data, check }) {
  for (const theme of ['light', 'dark']) {
    for (const [name, path] of Object.entries(await data.views(browser))) {
      for (const width of [1440, 900]) {
        if (name === 'trace-missing') browser.expect('404');
        await check(`axe: ${name}, ${theme}, ${width} px`, async () => {
          const page = await browser.open(path, { theme, width });
          await page.locator('main h1').waitFor();
          await page.waitForFunction(() => !document.querySelector('.skeleton'));
          await browser.axe(page, `${path} ${theme} ${width}`);
          await page.context().close();
        });
      }
    }
    await check(`axe: help and dialogs, ${theme}`, async () => {
      const views = await data.views(browser);
      const page = await browser.open(views.trace, { theme });
      for (const open of ['Keyboard help', 'Forget…', 'Compare…']) {
        await page.getByRole('button', { name: open }).click();
        await page.getByRole('dialog').waitFor();
        await browser.axe(page, open);
        await page.keyboard.press('Escape');
      }
      await page.context().close();
    });
  }
}
