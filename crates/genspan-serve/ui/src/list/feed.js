/** The list's data: pages of traces, renewed in place, with new ones held back until they are asked for. */
import { useState, useEffect, useLayoutEffect, useRef, useCallback, useLatest } from '../lib.js';
import { get } from '../api.js';
import { useRevision } from '../live.js';

const PAGE = 100;
/** The last list that was left, so that coming back finds it as it was. */
let kept = null;
/** Where the reader was in it; apart from it, for a row can be taken in hand before the list is kept. */
let place = null;

/** Forgets the kept list, after a trace was deleted. */
export function dropKeptList() { kept = null; }

/** Remembers where the reader was. @param {{query: string, top: number, trace: string|null}} next */
export function keepPlace(next) { place = next; }

/** The rows with what the first page says of them now; those that the page should hold and does not are forgotten. */
function merge(rows, page) {
  const byId = new Map(page.traces.map((row) => [row.traceId, row]));
  const oldest = page.next ? (page.traces.at(-1)?.startMicros ?? Infinity) : -Infinity;
  return rows.map((row) => byId.get(row.traceId) ?? (row.startMicros > oldest ? null : row)).filter(Boolean);
}

/**
 * @param {string} query filters as a query string
 * @param {() => boolean} calm whether new rows may be put on top at once, because nobody reads further down
 */
export function useFeed(query, calm) {
  const first = useRef(undefined);
  if (first.current === undefined) first.current = kept && kept.query === query ? kept : null;
  const [state, setState] = useState(() => first.current?.state ?? { query: null, rows: null, next: null, total: null, error: null, waiting: [] });
  const [busy, setBusy] = useState(false);
  const abort = useRef(null);
  /** Where the page begins that was asked for last, so that a key held down asks once. */
  const asking = useRef(null);
  const latest = useLatest({ query, state, calm });
  // Before the next key can be pressed: one may leave the list as soon as it is drawn.
  useLayoutEffect(() => { if (state.rows) kept = { query: state.query, state }; }, [state]);

  const load = useCallback(async (before) => {
    abort.current?.abort();
    const controller = new AbortController();
    abort.current = controller;
    asking.current = before ?? null;
    const { query: asked } = latest.current;
    setBusy(true);
    try {
      const page = await get(`/api/traces?${asked}${asked ? '&' : ''}limit=${PAGE}${before ? `&before=${encodeURIComponent(before)}` : ''}`, controller.signal);
      if (controller.signal.aborted) return;
      setState((old) => {
        const seen = new Set(before ? old.rows.map((row) => row.traceId) : []);
        const rows = before ? [...old.rows, ...page.traces.filter((row) => !seen.has(row.traceId))] : page.traces;
        return { query: asked, rows, next: page.next ?? null, total: page.total ?? (before ? old.total : null), error: null, waiting: [] };
      });
    } catch (error) {
      if (abort.current === controller) asking.current = null;
      if (error.name === 'AbortError') return;
      setState((old) => ({ ...old, query: asked, error }));
    }
    if (abort.current === controller) setBusy(false);
  }, []);

  useEffect(() => {
    const { state: now } = latest.current;
    if (!now.rows || now.query !== query) { load(); return; }
    // Back to what is still shown, before another answer came: that one must not come any more.
    abort.current?.abort();
    setBusy(false);
    renew();
  }, [query]);
  useEffect(() => () => abort.current?.abort(), []);

  const renew = useCallback(async () => {
    const { query: asked, state: now } = latest.current;
    if (!now.rows || now.query !== asked) return;
    let page;
    try { page = await get(`/api/traces?${asked}${asked ? '&' : ''}limit=${PAGE}`); } catch { return; }
    if (latest.current.query !== asked) return;
    setState((old) => {
      if (old.query !== asked || !old.rows) return old;
      const seen = new Set(old.rows.map((row) => row.traceId));
      const fresh = page.traces.filter((row) => !seen.has(row.traceId));
      const rows = merge(old.rows, page);
      const total = page.total ?? old.total;
      // More new ones than a page holds: the gap between them and the old rows cannot be shown in order, so the list starts over when asked.
      if (fresh.length === 0) return { ...old, rows, total, waiting: [], error: null };
      if (latest.current.calm() && fresh.length < PAGE) return { ...old, rows: [...fresh, ...rows].sort(newestFirst), total, waiting: [], error: null };
      return { ...old, rows, total, waiting: fresh, error: null };
    });
  }, []);
  useRevision(renew, 700);

  const showWaiting = useCallback(() => {
    if (latest.current.state.waiting.length >= PAGE) { load(); return; }
    setState((old) => ({ ...old, rows: [...old.waiting, ...old.rows].sort(newestFirst), waiting: [] }));
  }, []);
  const more = useCallback(() => { const { next } = latest.current.state; if (next && next !== asking.current) load(next); }, []);
  return { ...state, stale: state.query !== query, busy, more, showWaiting, reload: () => load(), place: first.current && place?.query === query ? place : null };
}

const newestFirst = (a, b) => b.startMicros - a.startMicros || (a.traceId < b.traceId ? 1 : -1);
