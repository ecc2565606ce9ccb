/** The live list of traces. */
import { html, useState, useEffect, useLayoutEffect, useMemo, useRef, useCallback, useLatest } from '../lib.js';
import { Heading } from '../shell.js';
import { Filters, apiQuery, filtersOf, filterKeys } from './filters.js';
import { useFeed, keepPlace } from './feed.js';
import { Row, columns } from './row.js';
import { FirstSteps, NothingFound } from './hints.js';
import { Failure, Skeleton } from '../ui/bits.js';
import { rowLinks, useRowKeys } from '../ui/rowkeys.js';
import { useQuery, navigate, withQuery } from '../router.js';
import { announce } from '../announce.js';
import { plural } from '../format.js';

/** A is the older of the two, so that a difference reads as what has become of it. */
const compare = (picked, rows) => {
  const start = (id) => rows?.find((row) => row.traceId === id)?.startMicros ?? 0;
  const [a, b] = [...picked].sort((one, two) => start(one) - start(two));
  navigate(withQuery('/compare', { a, b }));
};

function show(box, feed) {
  feed.showWaiting();
  if (box.current) box.current.scrollTop = 0;
}

/** `/`: every stored trace, newest first. */
export function ListView({ address }) {
  const [query, change] = useQuery(address);
  const [picked, setPicked] = useState([]);
  const box = useRef(null);
  // Rows may arrive on top by themselves only while the reader is at the top, with no row in hand.
  const calm = useCallback(() => {
    const element = box.current;
    return !element || (element.scrollTop < 4 && !element.contains(document.activeElement) && !element.matches(':hover') && getSelection().isCollapsed);
  }, []);
  // Once a filter: «the last hour» begins where it began, so that rows do not fall off while they are read.
  const asked = useMemo(() => apiQuery(query), [address.search]);
  const feed = useFeed(asked, calm);
  const pick = useCallback((id) => setPicked((old) => (old.includes(id) ? old.filter((one) => one !== id) : [...old.slice(-1), id])), []);
  const onKeyDown = useRowKeys(box, {
    more: feed.more,
    keys: {
      n: () => (feed.waiting.length > 0 ? show(box, feed) : false),
      x: () => {
        const row = document.activeElement.closest?.('tr[data-trace]');
        return row ? pick(row.dataset.trace) : false;
      },
      c: () => (picked.length === 2 ? compare(picked, feed.rows) : false),
    },
  });
  usePlace(box, feed);
  useCountSpoken(feed, query);
  useEffect(() => {
    if (query.focus !== 'search') return;
    change({ focus: null });
    document.querySelector('input[type="search"]')?.focus();
  }, []);
  const filtered = Object.keys(filtersOf(query)).length > 0;
  const clear = () => change(Object.fromEntries(filterKeys.map((key) => [key, null])));
  const { rows } = feed;
  return html`<div class="page-head"><${Heading} title="Traces" /><span class="muted tnum">${rows && rows.length > 0 ? tally(feed) : ''}</span></div>
    ${rows?.length === 0 && !filtered && !feed.stale ? null : html`<${Filters} query=${query} change=${change} />`}
    <div class="list-box">
      ${feed.waiting.length > 0 ? html`<button type="button" class="btn primary pill" onClick=${() => show(box, feed)}>
        ${feed.waiting.length >= 100 ? 'Many' : feed.waiting.length} new ${feed.waiting.length === 1 ? 'trace' : 'traces'}</button>` : null}
      <div class="list-scroll" ref=${box} onKeyDown=${onKeyDown} aria-busy=${feed.stale}>
        ${feed.error ? html`<div class="pad stack"><${Failure} error=${feed.error} retry=${feed.reload} /></div>` : null}
        ${!rows && !feed.error ? html`<${Skeleton} rows=${12} />` : null}
        ${rows && rows.length === 0 && !feed.error ? (filtered ? html`<${NothingFound} onClear=${clear} />` : html`<${FirstSteps} />`) : null}
        ${rows && rows.length > 0 ? html`<${Table} rows=${rows} picked=${picked} pick=${pick} text=${query.text} /><${Foot} feed=${feed} />` : null}
      </div>
      ${picked.length > 0 ? html`<div class="pick-bar" role="status"><span>${picked.length === 1 ? 'Pick a second trace to compare' : 'Two traces picked'}</span>
        ${picked.length === 2 ? html`<button type="button" class="btn primary" onClick=${() => compare(picked, rows)}>Compare</button>` : null}
        <button type="button" class="btn quiet" onClick=${() => setPicked([])}>Clear</button></div>` : null}
    </div>`;
}

const tally = (feed) => (feed.total !== null ? plural(feed.total, 'trace') : `${plural(feed.rows.length, 'trace')}${feed.next ? ' and more' : ''}`);

function Table({ rows, picked, pick, text }) {
  return html`<table class="rows" aria-label="Traces"><thead><tr><th scope="col" class="c-pick"><span class="sr-only">Pick</span></th>
    ${columns.map(([name, label, whole]) => html`<th scope="col" key=${label} class=${name} title=${whole ?? null}>${label}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<${Row} key=${row.traceId} row=${row} picked=${picked.includes(row.traceId)} query=${text ?? ''} onPick=${pick} />`)}</tbody></table>`;
}

/** The end of what is loaded; coming into sight loads the next page. */
function Foot({ feed }) {
  const ref = useRef(null);
  useEffect(() => {
    if (!feed.next) return undefined;
    const watch = new IntersectionObserver(([entry]) => { if (entry.isIntersecting) feed.more(); }, { rootMargin: '600px' });
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, [feed.next]);
  return html`<div class="list-foot" ref=${ref}>${feed.next
    ? html`<button type="button" class="btn" disabled=${feed.busy} onClick=${feed.more}>${feed.busy ? 'Loading…' : 'Load older traces'}</button>`
    : html`<span>That is all of them.</span>`}</div>`;
}

/** Comes back to the row and the height that were left. */
function usePlace(box, feed) {
  const done = useRef(false);
  const latest = useLatest(feed.query);
  useLayoutEffect(() => {
    if (done.current || !feed.rows || !box.current) return;
    done.current = true;
    if (!feed.place) return;
    box.current.scrollTop = feed.place.top;
    rowLinks(box).find((link) => link.closest('tr').dataset.trace === feed.place.trace)?.focus({ preventScroll: true });
  }, [feed.rows]);
  useLayoutEffect(() => {
    const element = box.current;
    const keep = () => keepPlace({ query: latest.current, top: element.scrollTop, trace: document.activeElement?.closest?.('tr[data-trace]')?.dataset.trace ?? null });
    element.addEventListener('scroll', keep, { passive: true });
    element.addEventListener('focusin', keep);
    return () => { element.removeEventListener('scroll', keep); element.removeEventListener('focusin', keep); };
  }, []);
}

/** Tells what a search found, once it has settled. */
function useCountSpoken(feed, query) {
  const before = useRef(null);
  useEffect(() => {
    if (!feed.rows || feed.stale) return;
    const key = JSON.stringify(filtersOf(query));
    if (before.current !== null && before.current !== key) announce(feed.rows.length === 0 ? 'Nothing matches' : `${tally(feed)} found`);
    before.current = key;
  }, [feed.rows, feed.stale]);
}
