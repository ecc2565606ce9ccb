/** Values as text: JSON in lines of its own, long texts in parts, nothing ever as markup. */
import { html, useState, useMemo } from '../lib.js';
import { bytes, count } from '../format.js';
import { Copy } from '../ui/bits.js';

/** How many characters of a text are shown before one asks for the rest. */
export const LIMIT = 6000;
const FEW_LINES = 24;

/** A value as the text that copying it gives. */
export const asText = (value) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2) ?? '');

/** A short value on one line: `{ "city": "Lisbon" }`. Line breaks within its texts are escaped, so every real one is layout. */
function lines(value) {
  const text = JSON.stringify(value, null, 2) ?? '';
  if (text.length > 200) return text;
  const one = text.replace(/\n\s*/g, ' ');
  return one.length <= 72 ? one : text;
}

/** The laid-out form of a text that is a JSON object or array, else null. */
function laidOut(text) {
  const first = text.trimStart()[0];
  if ((first !== '{' && first !== '[') || text.length > 400_000) return null;
  try {
    const pretty = lines(JSON.parse(text));
    return pretty === text ? null : pretty;
  } catch { return null; }
}

/** Where to cut: at the limit, but not within a character that takes two units. */
function cut(text, limit) {
  let end = limit;
  let lines = 0;
  for (let at = 0; at < limit; at += 1) if (text.charCodeAt(at) === 10 && (lines += 1) === FEW_LINES * 3) { end = at; break; }
  return isHigh(text, end - 1) ? end - 1 : end;
}

const CHUNK = 3000;

/** A long text in blocks, each laid out only when it comes into sight: one block of a megabyte would take seconds. */
function chunks(text) {
  const out = [];
  for (let from = 0; from < text.length;) {
    let to = Math.min(text.length, from + CHUNK);
    let next = to;
    if (to < text.length) {
      const line = text.lastIndexOf('\n', to);
      const gap = text.lastIndexOf(' ', to);
      if (line > from) { to = line; next = line + 1; } else if (gap > from) { to = gap + 1; next = to; } else if (isHigh(text, to - 1)) { to -= 1; next = to; }
    }
    out.push(text.slice(from, to));
    from = next;
  }
  return out;
}

const isHigh = (text, at) => { const code = text.charCodeAt(at); return code >= 0xd800 && code <= 0xdbff; };

/** A text, whole or with a button for the rest; its size is said before it is asked for. */
export function LongText({ text, className = 'text', limit = LIMIT }) {
  const [all, setAll] = useState(false);
  const end = useMemo(() => (text.length <= limit && lineCount(text) <= FEW_LINES * 4 ? text.length : cut(text, Math.min(limit, text.length))), [text, limit]);
  if (end >= text.length) return html`<div class=${className} dir="auto">${text}</div>`;
  const rest = `${bytes(new Blob([text]).size)}, ${count(text.length)} characters`;
  return html`<div class=${`${className}${all ? '' : ' fades'}`} dir="auto">
    ${all ? chunks(text).map((chunk, at) => html`<div class="chunk" key=${at}>${chunk}</div>`) : text.slice(0, end)}</div>
    <div class=${all ? 'rest stays' : 'rest'}><button type="button" class="btn tiny" aria-expanded=${all} onClick=${() => setAll(!all)}>
      ${all ? 'Show less' : `Show all (${rest})`}</button><${Copy} text=${text} label="Copy all" /></div>`;
}

function lineCount(text) {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Any value; a string that is JSON is laid out, with the way back to how it was sent. */
export function Value({ value, mono = false }) {
  const [raw, setRaw] = useState(false);
  const pretty = useMemo(() => (typeof value === 'string' ? laidOut(value) : null), [value]);
  if (typeof value === 'string') {
    if (pretty === null) return html`<${LongText} text=${value} className=${mono ? 'text mono' : 'text'} />`;
    return html`<${LongText} text=${raw ? value : pretty} className="text mono" />
      <button type="button" class="btn link as-sent" onClick=${() => setRaw(!raw)}>${raw ? 'Lay out' : 'As sent'}</button>`;
  }
  if (value !== null && typeof value === 'object') return html`<${LongText} text=${lines(value)} className="text mono" />`;
  return html`<span class=${mono ? 'mono' : ''}>${String(value)}</span>`;
}
