/** A metric's numbers in its unit, as people read them. */
import { bytes, compact, count, duration, money } from '../format.js';

const seconds = { s: 1e6, ms: 1e3, us: 1, 'µs': 1, ns: 1e-3, min: 60e6, h: 3600e6 };

/** Written as `1 file` would be: `{token}` and `tokens` alike become `tokens`, and `1` nothing. */
export function unitWord(unit) {
  if (!unit || unit === '1') return '';
  const word = unit.replace(/^\{(.*)\}$/, '$1');
  return word === unit || word.endsWith('s') ? word : `${word}s`;
}

/** How a number of a unit is written. @param {string|undefined} unit */
export function shower(unit) {
  if (seconds[unit]) return (value) => duration(value * seconds[unit]);
  if (unit === 'By') return (value) => bytes(Math.round(value));
  if (['USD', 'EUR', 'GBP'].includes(unit)) return (value) => money(value, unit);
  return (value) => (Math.abs(value) < 1e6 && (Number.isInteger(value) || Math.abs(value) >= 1000) ? count(Math.round(value)) : compact(value));
}

/** Whether the unit stands in the number already. */
export const isSaid = (unit) => Boolean(seconds[unit]) || ['By', 'USD', 'EUR', 'GBP'].includes(unit);

/** A number with its unit. */
export function amount(value, unit) {
  const word = isSaid(unit) ? '' : unitWord(unit);
  return `${shower(unit)(value)}${word ? ` ${word}` : ''}`;
}

/** What a metric or a series comes to: a counter's total, a gauge's last value, a histogram's mean. */
export function headline({ kind, unit }, figures) {
  if (kind === 'counter') return figures.total === undefined ? null : amount(figures.total, unit);
  if (kind === 'histogram') return figures.count > 0 ? `${amount(figures.total / figures.count, unit)} mean` : null;
  return figures.last === undefined ? null : amount(figures.last, unit);
}
