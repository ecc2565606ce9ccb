/** Search and filters, which live in the address. */
import { html, useState, useEffect, useRef, useLatest } from '../lib.js';
import { useGet } from '../api.js';
import { Icon } from '../ui/icon.js';

const spans = [['15m', 15 * 60e3, 'Last 15 minutes'], ['1h', 3600e3, 'Last hour'], ['24h', 86_400e3, 'Last 24 hours'], ['7d', 7 * 86_400e3, 'Last 7 days']];
const picks = [['model', 'models', 'Model'], ['agent', 'agents', 'Agent'], ['tool', 'tools', 'Tool']];
const morePicks = [['provider', 'providers', 'Provider'], ['service', 'services', 'Service']];
const floors = [['minCost', 'Cost from', '0.01', '$'], ['minTokens', 'Tokens from', '1000', ''], ['minDurationMs', 'Duration from', '500', 'ms']];

/** Names of all filters in the address. */
export const filterKeys = ['text', 'status', 'model', 'agent', 'tool', 'provider', 'service', 'conversation', 'minCost', 'minTokens', 'minDurationMs', 'since'];
const words = {
  minCost: (value) => `cost ≥ $${value}`, minTokens: (value) => `tokens ≥ ${value}`, minDurationMs: (value) => `duration ≥ ${value} ms`,
  since: (value) => spans.find(([id]) => id === value)?.[2] ?? `since ${value}`,
};
const say = (key, value) => words[key]?.(value) ?? `${key}: ${value}`;

/** The members of a query that filter. */
export const filtersOf = (query) => Object.fromEntries(filterKeys.filter((key) => query[key]).map((key) => [key, query[key]]));

/** The moment at which a span of time such as `1h` begins, in microseconds; a moment stays what it is. */
export function begins(since) {
  const span = spans.find(([id]) => id === since);
  return span ? String((Math.floor(Date.now() / 30_000) * 30_000 - span[1]) * 1000) : since;
}

/** The spans of time that lists offer. */
export const times = spans.map(([id, , label]) => [id, label]);

/** A query for the API: spans of time such as `1h` become the moment they begin. */
export function apiQuery(query, extra = {}) {
  const filters = { ...filtersOf(query), ...extra };
  filters.since = begins(filters.since);
  return new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== undefined && value !== '')).toString();
}

/** The search field: searches while one types, a short moment after the last key. */
export function Search({ value, onChange, label = 'Search prompts, answers, tool calls' }) {
  const [text, setText] = useState(value ?? '');
  const timer = useRef(0);
  const latest = useLatest(onChange);
  const sent = useRef(value ?? '');
  useEffect(() => {
    if ((value ?? '') !== sent.current) { sent.current = value ?? ''; setText(value ?? ''); }
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = (next, wait) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => { sent.current = next.trim(); latest.current(next.trim()); }, wait);
  };
  const keys = (event) => {
    if (event.key === 'Escape') { if (text) { event.preventDefault(); send('', 0); } else event.target.blur(); }
    if (event.key === 'Enter') send(text, 0);
    if (event.key === 'ArrowDown') { event.preventDefault(); document.querySelector('a.row-link')?.focus(); }
  };
  return html`<div class="search" role="search"><${Icon} name="search" small />
    <input class="field" type="search" value=${text} placeholder=${label} aria-label=${label}
    spellcheck="false" autocomplete="off" onInput=${(event) => send(event.target.value, 150)} onKeyDown=${keys} /><kbd aria-hidden="true">/</kbd></div>`;
}

/** A filter that is chosen from a list; one that the list lacks stays in it as long as it is set. */
export function Pick({ name, label, options, value, onChange, any }) {
  const all = value && !options.some(([id]) => id === value) ? [...options, [value, value]] : options;
  return html`<select class=${value ? 'field set' : 'field'} aria-label=${label} value=${value ?? ''} onChange=${(event) => onChange({ [name]: event.target.value })}>
    <option value="">${any}</option>${all.map(([id, text]) => html`<option value=${id} key=${id} selected=${id === value}>${text}</option>`)}</select>`;
}

/** The row of filters under a heading; `only` leaves those that make sense for the view. */
export function Filters({ query, change, search = true, only }) {
  const facets = useGet('/api/facets').data ?? {};
  const has = (name) => !only || only.includes(name);
  const [more, setMore] = useState(() => [...morePicks, ...floors].some(([name]) => query[name]));
  const pick = ([name, list, label]) => (has(name) ? html`<${Pick} key=${name} name=${name} label=${label} any=${`${label}: any`} value=${query[name]} onChange=${change}
    options=${(facets[list] ?? []).map((item) => [item, item])} />` : null);
  const extra = [...morePicks, ...floors].filter(([name]) => has(name));
  return html`<div><div class="filters">
    ${search ? html`<${Search} value=${query.text} onChange=${(text) => change({ text })} />` : null}
    ${has('status') ? html`<${Pick} name="status" label="Status" any="Status: any" value=${query.status} onChange=${change} options=${[['ok', 'Ok'], ['error', 'Errors']]} />` : null}
    ${picks.map(pick)}
    ${has('since') ? html`<${Pick} name="since" label="Time" any="Time: all" value=${query.since} onChange=${change} options=${times} />` : null}
    ${extra.length > 0 ? html`<button type="button" class="btn quiet" aria-expanded=${more} onClick=${() => setMore(!more)}>
      <${Icon} name="filter" small />More</button>` : null}
  </div>
  ${more && extra.length > 0 ? html`<div class="more-filters">${morePicks.map(pick)}${floors.filter(([name]) => has(name)).map(([name, label, hint, unit]) => html`<${Floor} key=${name}
    name=${name} label=${label} hint=${hint} unit=${unit} value=${query[name]} onChange=${change} />`)}</div>` : null}
  <${Chips} query=${query} change=${change} /></div>`;
}

function Floor({ name, label, hint, unit, value, onChange }) {
  const set = (event) => onChange({ [name]: event.target.value });
  return html`<label class="labelled">${label}<input class="field num" type="number" min="0" step="any" placeholder=${hint} value=${value ?? ''} onChange=${set} />${unit}</label>`;
}

/** What is filtered by, each with a way to drop it. */
export function Chips({ query, change, keys = filterKeys, tell = say }) {
  const set = keys.filter((key) => key !== 'text' && query[key]);
  if (set.length === 0) return null;
  const clear = Object.fromEntries(keys.map((key) => [key, null]));
  return html`<div class="chips" role="group" aria-label="Filters in force">${set.map((key) => html`<span class="chip" key=${key}>
    <span class="wrap-any">${tell(key, query[key])}</span>
    <button type="button" aria-label=${`Drop filter ${key}`} onClick=${() => change({ [key]: null })}><${Icon} name="close" small /></button></span>`)}
    ${set.length > 1 ? html`<button type="button" class="btn link" onClick=${() => change(clear)}>Clear all</button>` : null}</div>`;
}
