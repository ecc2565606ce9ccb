/** Whether the page is so narrow that tables leave columns out; the style sheets draw the same line. */
import { useState, useEffect } from '../lib.js';

const query = matchMedia('(max-width: 1180px)');

/** Draws again when the page becomes narrow or wide. */
export function useNarrow() {
  const [narrow, set] = useState(query.matches);
  useEffect(() => {
    const change = () => set(query.matches);
    query.addEventListener('change', change);
    change();
    return () => query.removeEventListener('change', change);
  }, []);
  return narrow;
}
