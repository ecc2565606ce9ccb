/** Marks the words of a search in a text, as elements, never as markup. */
import { html } from '../lib.js';

/** The text in pieces, those that the query's words match inside `<mark>`. */
export function Highlight({ text, query }) {
  const words = (query ?? '').split(/[\s"*()]+/).filter((word) => word.length > 1).slice(0, 8);
  if (words.length === 0) return text;
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'giu');
  return text.split(pattern).map((piece, at) => (at % 2 === 1 ? html`<mark key=${at}>${piece}</mark>` : piece));
}
