/** Live updates: one event stream a page, whose revisions tell the views that something was stored. */
import { useState, useEffect, useRef, useLatest } from './lib.js';

const listeners = new Set();
const watchers = new Set();
let source = null;
let status = 'connecting';

function setStatus(next) {
  if (status === next) return;
  status = next;
  watchers.forEach((watcher) => watcher(next));
}

function open() {
  if (source) return;
  source = new EventSource('/api/live');
  source.onopen = () => setStatus('live');
  source.onerror = () => {
    setStatus('away');
    // A closed stream is not retried by the browser; an interrupted one is.
    if (source && source.readyState === EventSource.CLOSED) { source = null; setTimeout(open, 5000); }
  };
  source.addEventListener('revision', (event) => {
    let revision = null;
    try { revision = JSON.parse(event.data).revision; } catch { return; }
    listeners.forEach((listener) => listener(revision));
  });
}
addEventListener('pagehide', () => { source?.close(); source = null; });
addEventListener('pageshow', (event) => { if (event.persisted) open(); });

/** Whether updates flow: `connecting`, `live` or `away`. */
export function useLiveStatus() {
  const [value, set] = useState(status);
  useEffect(() => {
    open();
    watchers.add(set);
    set(status);
    return () => watchers.delete(set);
  }, []);
  return value;
}

/** Calls back after each stored change, at most once in `every` milliseconds; the last one is never lost. */
export function useRevision(callback, every = 500) {
  const latest = useLatest(callback);
  const timer = useRef(0);
  const last = useRef(0);
  useEffect(() => {
    open();
    const listener = (revision) => {
      clearTimeout(timer.current);
      const wait = Math.max(0, last.current + every - Date.now());
      timer.current = setTimeout(() => { last.current = Date.now(); latest.current(revision); }, wait);
    };
    listeners.add(listener);
    return () => { listeners.delete(listener); clearTimeout(timer.current); };
  }, [every]);
}
