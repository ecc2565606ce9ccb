/** The differences of two texts, by words within bounds, by lines beyond them. */
import { commonPairs } from './align.js';

const words = (text) => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
const lines = (text) => text.split(/(?<=\n)/);

/**
 * @param {string} a @param {string} b
 * @returns {{kind: 'same'|'removed'|'added', text: string}[]}
 */
export function diff(a, b) {
  if (a === b) return a ? [{ kind: 'same', text: a }] : [];
  const split = a.length + b.length > 12_000 ? lines : words;
  const x = split(a);
  const y = split(b);
  const out = [];
  const put = (kind, text) => {
    if (!text) return;
    const last = out.at(-1);
    if (last?.kind === kind) last.text += text; else out.push({ kind, text });
  };
  let i = 0;
  let j = 0;
  for (const [pi, pj] of [...commonPairs(x, y), [x.length, y.length]]) {
    put('removed', x.slice(i, pi).join(''));
    put('added', y.slice(j, pj).join(''));
    if (pi < x.length) put('same', x[pi]);
    i = pi + 1;
    j = pj + 1;
  }
  return out;
}
