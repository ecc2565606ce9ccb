/**
 * Clicks and types through the web UI in a real browser.
 *
 *   node run.mjs [BASE_URL] [--data fixture|demo|sent] [--otlp ENDPOINT] [--screenshots DIR] [--only PART]
 *
 * Without BASE_URL the fixture server is started, with made-up data of that kind. Against a real `genspan serve`, whose store holds what two runs of
 * `genspan demo` left, use `--data demo`; `--data sent` first sends made-up traces over OTLP to the ENDPOINT of one whose store is empty. Exit code 0 when every check holds.
 */
import { mkdirSync } from 'node:fs';
import { start } from './browser.mjs';
import { serve } from './dev-server.mjs';
import { screenshots } from './screenshots.mjs';

const args = process.argv.slice(2);
const option = (name) => { const at = args.indexOf(name); return at < 0 ? null : args.splice(at, 2)[1]; };
const kind = option('--data') ?? 'fixture';
const shots = option('--screenshots');
const only = option('--only');
const otlp = option('--otlp');
const [given] = args;

const fixture = given ? null : await serve({ of: kind === 'demo' ? 'demo' : 'everything' });
const base = given ?? fixture.url;
const data = (await import(`./data/${kind}.mjs`)).default;
await data.send?.(otlp);
const browser = await start(base);
let failed = 0;
let done = 0;

async function check(name, body) {
  if (only && !name.includes(only)) return;
  const began = performance.now();
  try {
    const said = await body();
    done += 1;
    console.log(`ok    ${name}${typeof said === 'string' ? `: ${said}` : ''} (${Math.round(performance.now() - began)} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILS ${name}\n      ${String(error.stack ?? error).split('\n').slice(0, 24).join('\n      ')}`);
  }
}

for (const part of data.parts) {
  const { default: checks } = await import(`./checks/${part}.mjs`);
  await checks({ browser, data, check, base });
}
if (shots) {
  mkdirSync(shots, { recursive: true });
  await check('screenshots', () => screenshots({ browser, data, folder: shots }));
}
await check('no error, no warning and no violation of the policy in the console', () => {
  const trouble = browser.trouble();
  if (trouble.length > 0) throw new Error(trouble.join('\n'));
});
await browser.close();
fixture?.close();
console.log(`${done} checks hold, ${failed} fail`);
process.exitCode = failed > 0 ? 1 : 0;
