/** The help: every key, and the switch for single keys. */
import { html } from './lib.js';
import { Dialog } from './ui/bits.js';
import { useSingleKeys } from './keys.js';

const groups = [
  ['Anywhere', [
    [['?'], 'this help'], [['/'], 'search'], [['g', 't'], 'traces'], [['g', 'c'], 'conversations'], [['g', 'm'], 'models and tools'],
    [['g', 'l'], 'logs'], [['g', 'n'], 'metrics, in numbers'],
    [['t'], 'light or dark'],
  ]],
  ['Lists', [
    [['j'], 'next row'], [['k'], 'previous row'], [['Enter'], 'open'], [['x'], 'pick for comparison'], [['c'], 'compare the two picked'], [['n'], 'show new traces'],
  ]],
  ['Trace', [[['↑', '↓'], 'previous and next span'], [['←', '→'], 'fold and unfold'], [['['], 'previous call to a model'], [[']'], 'next call to a model'], [['e'], 'next error'], [['Enter'], 'read the span'], [['u'], 'back to the list']]],
  ['Timeline', [[['+'], 'zoom in on the span'], [['-'], 'zoom out'], [['0'], 'the whole trace'], [['*'], 'unfold everything'], [['Home', 'End'], 'first and last span']]],
];

/** The dialog that `?` opens. */
export function Help({ open, onClose }) {
  const [single, setSingle] = useSingleKeys();
  return html`<${Dialog} open=${open} onClose=${onClose} title="Keyboard">
    <div class="shortcuts">${groups.map(([title, keys]) => html`<section key=${title}><h3>${title}</h3>
      ${keys.map(([names, what]) => html`<div class="key" key=${what}><span>${what}</span>
        <span class="keys">${names.map((name) => html`<kbd key=${name}>${name}</kbd>`)}</span></div>`)}</section>`)}</div>
    <p><label class="labelled"><span class="check"><input type="checkbox" checked=${single} onChange=${(event) => setSingle(event.target.checked)} /></span>
      Single keys act (arrows, Enter and Tab always do)</label></p>
  <//>`;
}
