/** Views are addresses: the History API, links that work without a reload, and filters in the query string. */
import { useState, useEffect, useMemo, useCallback } from './lib.js';

const listeners = new Set();
const tell = () => listeners.forEach((listener) => listener());
addEventListener('popstate', tell);

/** Goes to a path with query, as a new entry of the history or in place of the present one. */
export function navigate(to, { replace = false } = {}) {
  if (to === location.pathname + location.search) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  tell();
}

/** The present path and query; draws again when they change. */
export function useAddress() {
  const read = () => location.pathname + location.search;
  const [address, set] = useState(read);
  useEffect(() => {
    const listener = () => set(read());
    listeners.add(listener);
    listener();
    return () => listeners.delete(listener);
  }, []);
  return useMemo(() => new URL(address, location.origin), [address]);
}

/**
 * The query as an object of strings, and a function that changes some of them (an empty value removes one).
 * @returns {[Record<string,string>, (patch: Record<string,string|null|undefined>, options?: {replace?: boolean}) => void]}
 */
export function useQuery(address) {
  const query = useMemo(() => Object.fromEntries(address.searchParams), [address.search]);
  const change = useCallback((patch, options = { replace: true }) => {
    const next = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(patch)) {
      if (value === null || value === undefined || value === '') next.delete(key);
      else next.set(key, value);
    }
    navigate(withQuery(location.pathname, next), options);
  }, []);
  return [query, change];
}

/** A path with the members of a query that have a value. */
export function withQuery(path, query) {
  const params = query instanceof URLSearchParams ? query : new URLSearchParams(
    Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== ''),
  );
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

/** The address of a trace, or of one span within it. */
export const traceUrl = (traceId, span) => withQuery(`/traces/${encodeURIComponent(traceId)}`, { span });
/** The address of a conversation; its id may hold anything. */
export const conversationUrl = (id) => `/conversations/${encodeURIComponent(id)}`;

/** The log records that a query wants. */
export const logsUrl = (query) => withQuery('/logs', query);

/** Follows links of this page without a reload; leaves downloads, new tabs and other origins to the browser. */
export function followLinks(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest?.('a[href]');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (link.pathname.startsWith('/api/') || link.getAttribute('href').startsWith('#')) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}
