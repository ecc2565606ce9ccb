/** Reading the server: JSON, errors as sentences, and a hook that keeps the last answer while the next one loads. */
import { useState, useEffect, useRef, useCallback } from './lib.js';

/** An answer of the server that says what was wrong. */
export class ApiError extends Error {
  constructor(message, status) { super(message); this.status = status; }
}

/** The server's messages go on after a colon elsewhere; here they stand alone. */
const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

async function failure(response) {
  let message = `The server answered ${response.status} ${response.statusText}.`;
  try { message = (await response.json()).error?.message ?? message; } catch { /* not JSON: the status has to do */ }
  return new ApiError(sentence(message), response.status);
}

/** GETs a path under /api. */
export async function get(path, signal) {
  let response;
  try {
    response = await fetch(path, { signal, headers: { accept: 'application/json' } });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError('The genspan server does not answer. Is `genspan serve` still running?', 0);
  }
  if (!response.ok) throw await failure(response);
  return response.json();
}

/** Forgets a trace for good. */
export async function forget(traceId) {
  const response = await fetch(`/api/traces/${encodeURIComponent(traceId)}`, { method: 'DELETE', headers: { 'x-genspan': '1' } });
  if (!response.ok) throw await failure(response);
}

/**
 * Reads a path now and whenever it changes; `null` reads nothing. While a new path loads, `data` stays the old answer and `stale` is true.
 * @returns {{data: any, error: ApiError|null, loading: boolean, stale: boolean, reload: () => void}}
 */
export function useGet(path, { keep = true } = {}) {
  const [state, setState] = useState({ path: null, data: null, error: null });
  const [turn, setTurn] = useState(0);
  const abort = useRef(null);
  useEffect(() => {
    if (path === null) return undefined;
    const controller = new AbortController();
    abort.current = controller;
    get(path, controller.signal).then(
      (data) => { if (!controller.signal.aborted) setState({ path, data, error: null }); },
      (error) => { if (error.name !== 'AbortError') setState((old) => ({ path, data: old.path === path ? old.data : null, error })); },
    );
    return () => controller.abort();
  }, [path, turn]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  const stale = path !== null && state.path !== path;
  const data = path === null || (stale && !keep) ? null : state.data;
  return { data, error: stale ? null : state.error, loading: path !== null && stale, stale, reload };
}
