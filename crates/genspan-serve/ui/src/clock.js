/** One ticking clock for all relative times of the page. */
import { html, useState, useEffect } from './lib.js';
import { ago, absolute, clock, day, isToday } from './format.js';

const listeners = new Set();
setInterval(() => { if (!document.hidden) { const now = Date.now(); listeners.forEach((listener) => listener(now)); } }, 10_000);

/** The time now, renewed every ten seconds. */
export function useNow() {
  const [now, set] = useState(Date.now());
  useEffect(() => { listeners.add(set); return () => listeners.delete(set); }, []);
  return now;
}

/** A time as clock and distance; the full one is its title. */
export function When({ micros, short = false }) {
  const now = useNow();
  const at = isToday(micros, now) ? clock(micros) : `${day(micros, now)} ${clock(micros).slice(0, 5)}`;
  return html`<time class="when" dateTime=${new Date(micros / 1000).toISOString()} title=${absolute(micros)}>
    <span class="when-at">${at}</span>${short ? null : html` <span class="when-ago">${ago(micros, now)}</span>`}
  </time>`;
}
