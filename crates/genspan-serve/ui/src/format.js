/** Numbers, durations, costs and times as people read them; units always said. Absent is an en dash, never 0. */

export const NONE = '–';
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

const three = (n) => (n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2)).replace(/\.0+$/, '');

/** A count in full: 12,345. */
export const count = (n) => (n === undefined || n === null ? NONE : whole.format(n));

/** A count in full up to a million, short beyond: 999,999, 14.0M. */
export const tokens = (n) => (n >= 1e6 ? compact(n) : count(n));

/** A count that stays short in a chart: 12.3k, 4.56M. */
export function compact(n) {
  if (n === undefined || n === null) return NONE;
  const size = Math.abs(n);
  if (size >= 1e9) return `${three(n / 1e9)}G`;
  if (size >= 1e6) return `${three(n / 1e6)}M`;
  if (size >= 1e4) return `${three(n / 1e3)}k`;
  return Number.isInteger(n) ? whole.format(n) : three(n);
}

/** One noun with its number: 1 call, 2 calls. */
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** A duration in the unit that suits it: 445 µs, 101 ms, 2.31 s, 1 min 23 s. */
export function duration(micros) {
  if (micros === undefined || micros === null) return NONE;
  const sign = micros < 0 ? '−' : '';
  const us = Math.abs(micros);
  if (us < 999.5) return `${sign}${Math.round(us)} µs`;
  if (us < 999_500) return `${sign}${three(us / 1e3)} ms`;
  if (us < 59_995_000) return `${sign}${three(us / 1e6)} s`;
  const seconds = Math.round(us / 1e6);
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ''}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 2880) return `${sign}${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
  return `${sign}${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

/** Bytes of a text: 1.0 MB. */
export function bytes(n) {
  if (n < 1000) return `${n} B`;
  if (n < 1e6) return `${three(n / 1e3)} kB`;
  return `${three(n / 1e6)} MB`;
}

const grouped = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const symbols = { USD: '$', EUR: '€', GBP: '£' };

/** An amount with its currency, in enough digits to tell small ones apart: $0.00040, $1.23. */
export function money(amount, currency = 'USD') {
  const n = Number(amount);
  if (!Number.isFinite(n)) return String(amount);
  const size = Math.abs(n);
  let digits = 2;
  if (size > 0 && size < 1) digits = Math.min(10, Math.max(4, 1 - Math.floor(Math.log10(size))));
  const text = size < 1000 ? size.toFixed(digits) : grouped.format(size);
  const sign = n < 0 ? '−' : '';
  return symbols[currency] ? `${sign}${symbols[currency]}${text}` : `${sign}${text} ${currency}`;
}

/** A cost of the API, or a dash. */
export const cost = (value) => (value ? money(value.amount, value.currency) : NONE);

const two = (n) => String(n).padStart(2, '0');
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Time of day: 14:03:22. */
export function clock(micros) {
  const at = new Date(micros / 1000);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** Day of a time: 21 Nov, with the year where it is another one. */
export function day(micros, now = Date.now()) {
  const at = new Date(micros / 1000);
  const year = at.getFullYear() === new Date(now).getFullYear() ? '' : ` ${at.getFullYear()}`;
  return `${at.getDate()} ${months[at.getMonth()]}${year}`;
}

/** Whether a time is on the present day. */
export const isToday = (micros, now = Date.now()) => new Date(micros / 1000).toDateString() === new Date(now).toDateString();

/** A time in full with its zone: 2026-11-21 14:03:22.123 UTC+1. */
export function absolute(micros) {
  const at = new Date(micros / 1000);
  const offset = -at.getTimezoneOffset();
  const zone = offset === 0 ? 'UTC' : `UTC${offset > 0 ? '+' : '−'}${Math.floor(Math.abs(offset) / 60)}${offset % 60 ? `:${two(Math.abs(offset) % 60)}` : ''}`;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(micros)}.${String(at.getMilliseconds()).padStart(3, '0')} ${zone}`;
}

/** How long ago: just now, 40 s ago, 5 min ago. */
export function ago(micros, now = Date.now()) {
  const seconds = Math.round((now - micros / 1000) / 1000);
  if (seconds < -5) return 'in the future';
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400 * 2) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** A share of a whole: 42%. */
export const percent = (part, all) => (all > 0 ? `${three((100 * part) / all)}%` : NONE);

/** An id cut to its first characters, for reading; the whole is always beside it. */
export const shortId = (id) => (id.length > 12 ? id.slice(0, 8) : id);
