/** Pages of log records. A part of the list may hold few of what is looked for, or none, and the next one still more. */
import { useState, useEffect, useRef, useCallback, useLatest } from '../lib.js';
import { get } from '../api.js';
import { useRevision } from '../live.js';

const PAGE = 100;
const empty = { query: null, logs: null, next: null, lookedAt: 0, until: null, pages: 0, error: null };

/** @param {string} query @param {() => boolean} calm whether rows may move, because nobody reads them */
export function useLogs(query, calm) {
  const [state, setState] = useState(empty);
  const [busy, setBusy] = useState(false);
  const abort = useRef(null);
  /** Where the page begins that was asked for last, so that a key held down asks once. */
  const asking = useRef(null);
  const latest = useLatest({ query, state, calm });
  const load = useCallback(async (before) => {
    abort.current?.abort();
    const controller = new AbortController();
    abort.current = controller;
    asking.current = before ?? null;
    const { query: asked } = latest.current;
    setBusy(true);
    try {
      const page = await get(`/api/logs?${asked}${asked ? '&' : ''}limit=${PAGE}${before ? `&before=${encodeURIComponent(before)}` : ''}`, controller.signal);
      if (controller.signal.aborted) return;
      setState((old) => ({
        query: asked, logs: before ? [...old.logs, ...page.logs] : page.logs, next: page.next ?? null, error: null,
        lookedAt: (before ? old.lookedAt : 0) + page.lookedAt, until: page.lookedUntilMicros ?? old.until, pages: before ? old.pages + 1 : 1,
      }));
    } catch (error) {
      if (abort.current === controller) asking.current = null;
      if (error.name === 'AbortError') return;
      setState((old) => ({ ...old, query: asked, error }));
    }
    if (abort.current === controller) setBusy(false);
  }, []);
  useEffect(() => { load(); }, [query]);
  useEffect(() => () => abort.current?.abort(), []);
  useRevision(() => { const now = latest.current; if (now.state.pages <= 1 && now.calm()) load(); }, 2000);
  const more = useCallback(() => { const { next } = latest.current.state; if (next && next !== asking.current) load(next); }, []);
  return { ...state, stale: state.query !== query, busy, more, reload: () => load() };
}
