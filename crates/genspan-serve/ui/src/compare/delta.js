/** A difference with its sign and share; more is worse for time, tokens and money, and says so by an arrow, not by colour alone. */
import { html } from '../lib.js';
import { NONE } from '../format.js';

const amount = (value) => (value && typeof value === 'object' ? Number(value.amount) : value);

/** @param {{a: any, b: any, show: (value: any) => string}} props */
export function Delta({ a, b, show }) {
  if (a === undefined || b === undefined) return html`<span class="muted">${NONE}</span>`;
  if (a?.currency !== b?.currency) return html`<span class="muted">different currencies</span>`;
  const difference = amount(b) - amount(a);
  if (difference === 0) return html`<span class="muted">same</span>`;
  const up = difference > 0;
  const value = a?.currency ? { amount: Math.abs(difference), currency: a.currency } : Math.abs(difference);
  const share = amount(a) > 0 ? Math.round((100 * Math.abs(difference)) / amount(a)) : null;
  const part = share === null || share === 0 ? '' : share > 999 ? ' (>999%)' : ` (${share}%)`;
  return html`<span class=${up ? 'delta more' : 'delta less'}><span aria-hidden="true">${up ? '▲' : '▼'}</span> ${up ? '+' : '−'}${show(value)}${part}</span>`;
}
