/** Says something to a screen reader without moving anything. */
import { html, useState, useEffect } from './lib.js';

let speak = () => {};

/** Says a sentence politely, after what is being read. */
export const announce = (text) => speak(text);

/** The place the sentences are put; one a page. */
export function Announcer() {
  const [text, set] = useState('');
  useEffect(() => {
    let timer = 0;
    // Emptied first, so that the same sentence is said again.
    speak = (next) => { set(''); clearTimeout(timer); timer = setTimeout(() => set(next), 60); };
    return () => { speak = () => {}; clearTimeout(timer); };
  }, []);
  return html`<div class="sr-only" role="status" aria-live="polite">${text}</div>`;
}
