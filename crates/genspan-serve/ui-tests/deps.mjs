/** The test's own tools, installed from the lock file into a cache folder outside the repository. */
import { createRequire } from 'node:module';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = process.env.GENSPAN_UI_DEPS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'genspan-ui-tests');
const files = ['package.json', 'package-lock.json'];
const same = (name) => existsSync(join(cache, name)) && readFileSync(join(cache, name)).equals(readFileSync(join(here, name)));

/** Playwright's browser driver and axe's source, of the versions in the lock file. */
export function tools() {
  if (!existsSync(join(cache, 'node_modules', 'playwright-core')) || !files.every(same)) {
    mkdirSync(cache, { recursive: true });
    for (const name of files) copyFileSync(join(here, name), join(cache, name));
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: cache, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const require = createRequire(join(cache, 'package.json'));
  return { chromium: require('playwright-core').chromium, axeSource: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8') };
}
