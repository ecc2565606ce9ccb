/** Two panes with a bar between them that a pointer drags and arrow keys move; stacked where the page is narrow. */
import { html, useState, useRef, useEffect } from '../lib.js';

const storage = 'genspan.split';
const clamp = (n) => Math.min(75, Math.max(25, n));

function remembered() {
  try { return clamp(Number(localStorage.getItem(storage)) || 54); } catch { return 54; }
}

/** @param {{left: any, right: any}} props */
export function Splitter({ left, right }) {
  const [share, setShare] = useState(remembered);
  const [stacked, setStacked] = useState(() => matchMedia('(max-width: 1020px)').matches);
  const box = useRef(null);
  useEffect(() => {
    const query = matchMedia('(max-width: 1020px)');
    const change = () => setStacked(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  const set = (next) => {
    setShare(clamp(next));
    try { localStorage.setItem(storage, String(clamp(next))); } catch { /* for this page only */ }
  };
  const drag = (event) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const place = box.current.getBoundingClientRect();
    set(stacked ? (100 * (event.clientY - place.top)) / place.height : (100 * (event.clientX - place.left)) / place.width);
  };
  const keys = (event) => {
    const by = { ArrowLeft: -3, ArrowUp: -3, ArrowRight: 3, ArrowDown: 3 }[event.key];
    if (!by) return;
    event.preventDefault();
    set(share + by);
  };
  const size = stacked ? { gridTemplateRows: `${share * 0.8}% 9px minmax(0, 1fr)` } : { gridTemplateColumns: `${share}% 9px minmax(0, 1fr)` };
  return html`<div class=${stacked ? 'panes stacked' : 'panes'} style=${stacked ? { gridTemplateColumns: '', ...size } : { gridTemplateRows: '', ...size }} ref=${box}>${left}
    <div class="splitter" role="separator" tabIndex="0" aria-label="Size of the timeline" aria-orientation=${stacked ? 'horizontal' : 'vertical'} aria-valuenow=${Math.round(share)} aria-valuemin="25" aria-valuemax="75"
      onPointerDown=${(event) => { event.preventDefault(); event.currentTarget.setPointerCapture(event.pointerId); }} onPointerMove=${drag} onKeyDown=${keys} onDblClick=${() => set(54)}></div>${right}</div>`;
}
