/** Moving through the rows of a list by keyboard. */
import { useKeys } from '../keys.js';

/** The links that stand for the rows of a list. @param {{current: HTMLElement|null}} box */
export const rowLinks = (box) => [...(box.current?.querySelectorAll('a.row-link') ?? [])];

const END = 3;

/**
 * Moves the focus by rows with `j`, `k` and the arrows; near the end of the rows more are asked for.
 *
 * @param {{current: HTMLElement|null}} box @param {{more?: () => void, keys?: object}} [also] further keys of the view
 * @returns {(event: KeyboardEvent) => void} what the box does on `keydown`
 */
export function useRowKeys(box, { more, keys } = {}) {
  const move = (by) => {
    const all = rowLinks(box);
    const at = all.indexOf(document.activeElement.closest?.('tr')?.querySelector('a.row-link'));
    const first = by > 0 ? 0 : all.length - 1;
    const to = at < 0 ? first : Math.min(all.length - 1, Math.max(0, at + by));
    all[to]?.focus();
    all[to]?.closest('tr').scrollIntoView({ block: 'nearest' });
    if (to >= all.length - END) more?.();
  };
  useKeys({ j: () => move(1), k: () => move(-1), ...keys });
  return (event) => {
    const { target } = event;
    if (target.tagName !== 'A' || !target.closest('tr')?.querySelector('a.row-link') || event.altKey || event.ctrlKey || event.metaKey) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); move(by); }
  };
}
