/** Light or dark: the system's choice until one is made by hand, then that one. */
import { useState, useEffect } from './lib.js';

const key = 'genspan.theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set();

function chosen() {
  try { return localStorage.getItem(key); } catch { return null; }
}
function apply() {
  const theme = chosen() ?? (system.matches ? 'dark' : 'light');
  document.documentElement.dataset.theme = theme;
  listeners.forEach((listener) => listener(theme));
}
system.addEventListener('change', apply);

/** Turns the theme over and remembers it; choosing the system's own again follows the system again. */
export function toggleTheme() {
  const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  try {
    if (next === (system.matches ? 'dark' : 'light')) localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch { /* storage is off: for this page only */ }
  apply();
}

/** The theme that is shown; charts draw their colours by it. */
export function useTheme() {
  const [theme, set] = useState(document.documentElement.dataset.theme);
  useEffect(() => { listeners.add(set); return () => listeners.delete(set); }, []);
  return theme;
}
