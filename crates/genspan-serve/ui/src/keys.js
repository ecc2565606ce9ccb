/** Keyboard shortcuts of the page. Single keys can be switched off in the help, for people who speak to their machine. */
import { useLayoutEffect, useState, useLatest } from './lib.js';

const stack = [];
const storage = 'genspan.keys';
let single = true;
try { single = localStorage.getItem(storage) !== 'off'; } catch { /* storage is off: shortcuts are on */ }
let prefix = '';
let prefixTimer = 0;

const typing = (target) => target instanceof HTMLElement
  && (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT'
    || (target.tagName === 'INPUT' && !['checkbox', 'radio', 'button'].includes(target.type)));

addEventListener('keydown', (event) => {
  if (!single || event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
  if (typing(event.target) || document.querySelector('dialog[open]')) return;
  const key = prefix + event.key;
  clearTimeout(prefixTimer);
  prefix = '';
  for (let at = stack.length - 1; at >= 0; at -= 1) {
    const action = stack[at].current[key];
    if (action && action(event) !== false) { event.preventDefault(); return; }
  }
  if (event.key === 'g') {
    prefix = 'g ';
    prefixTimer = setTimeout(() => { prefix = ''; }, 1200);
  }
});

/** Listens for keys while the view is shown: `{'j': action, 'g t': action}`; an action that returns false lets the key pass. */
export function useKeys(actions) {
  const latest = useLatest(actions);
  // Before the view is painted, so that a key acts as soon as there is something to see.
  useLayoutEffect(() => {
    stack.push(latest);
    return () => stack.splice(stack.indexOf(latest), 1);
  }, []);
}

/** Whether single keys act, and a switch for it. */
export function useSingleKeys() {
  const [on, set] = useState(single);
  return [on, (next) => {
    single = next;
    try { localStorage.setItem(storage, next ? 'on' : 'off'); } catch { /* for this page only */ }
    set(next);
  }];
}
