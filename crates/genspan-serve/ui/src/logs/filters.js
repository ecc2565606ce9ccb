/** What the list of log records is filtered by; it lives in the address. */
import { html } from '../lib.js';
import { useGet } from '../api.js';
import { Search, Pick, Chips, begins, times } from '../list/filters.js';
import { shortId } from '../format.js';

/** Names of all filters in the address. */
export const logKeys = ['text', 'severity', 'name', 'service', 'alone', 'since', 'conversation', 'trace'];

const severities = [['debug', 'Debug and up'], ['info', 'Info and up'], ['warn', 'Warnings and up'], ['error', 'Errors and up']];
const words = {
  severity: (value) => severities.find(([id]) => id === value)?.[1] ?? value,
  name: (value) => `event: ${value}`,
  alone: () => 'in no trace',
  since: (value) => times.find(([id]) => id === value)?.[1] ?? `since ${value}`,
  conversation: (value) => `session: ${value}`,
  trace: (value) => `trace: ${shortId(value)}`,
};
const tell = (key, value) => words[key]?.(value) ?? `${key}: ${value}`;

/** The members of a query that filter. */
export const logFilters = (query) => Object.fromEntries(logKeys.filter((key) => query[key]).map((key) => [key, query[key]]));

/** A query for the API. */
export const logQuery = (query) => new URLSearchParams(Object.entries({ ...logFilters(query), since: begins(query.since) }).filter(([, value]) => value)).toString();

/** The row of filters under the heading. */
export function LogFilters({ query, change }) {
  const facets = useGet('/api/logs/facets').data ?? {};
  const own = (list) => (list ?? []).map((item) => [item, item]);
  return html`<div><div class="filters">
    <${Search} value=${query.text} onChange=${(text) => change({ text, log: null })} label="Search names, texts and attributes" />
    <${Pick} name="severity" label="Severity" any="Severity: any" value=${query.severity} onChange=${change} options=${severities} />
    <${Pick} name="name" label="Event" any="Event: any" value=${query.name} onChange=${change} options=${own(facets.names)} />
    <${Pick} name="service" label="Service" any="Service: any" value=${query.service} onChange=${change} options=${own(facets.services)} />
    <${Pick} name="alone" label="Trace" any="In a trace or not" value=${query.alone} onChange=${change} options=${[['1', 'In no trace']]} />
    <${Pick} name="since" label="Time" any="Time: all" value=${query.since} onChange=${change} options=${times} />
  </div><${Chips} query=${query} change=${change} keys=${logKeys} tell=${tell} /></div>`;
}
