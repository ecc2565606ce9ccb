/** A chart of lines over time or over calls, and the same numbers as a table. */
import { html, useRef, useEffect, useState, useId } from '../lib.js';
import { chartLibrary } from './load.js';
import { useTheme } from '../theme.js';
import { NONE, clock, day } from '../format.js';

const HEIGHT = 190;
/** Steps of a time axis, in seconds: clock times that people say. */
const TIMES = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];
/** Lines differ by dashes and width as well as by colour. */
const dashes = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 4], [1, 3]];

/** Steps of an axis of counts: there is no half a call. */
const WHOLE = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();

const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Labels of a time axis: clock within a day, days beyond. */
export function timeLabels(splits) {
  const wide = splits.length > 1 && splits.at(-1) - splits[0] > 3 * 86_400;
  return splits.map((at) => (wide ? day(at * 1e6) : clock(at * 1e6).slice(0, 5)));
}

function options({ x, series, show, width, time, whole, range }) {
  const [from, to] = range ?? [x[0] - 1, x[0] + 1];
  const axis = { stroke: variable('--text-3'), grid: { stroke: variable('--line'), width: 1 }, ticks: { show: false }, font: `11px ${variable('--font')}` };
  return {
    width, height: HEIGHT, legend: { show: false }, padding: [10, 8, 0, 0],
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { x: { time: false, range: range || x.length === 1 ? [Math.min(from, x[0]), Math.max(to, x.at(-1))] : undefined }, y: { range: (self, low, high) => [0, high > 0 ? high * 1.08 : 1] } },
    axes: [{ ...axis, size: 26, gap: 4, ...(time ? { incrs: TIMES } : {}), values: (self, splits) => (time ? timeLabels(splits) : splits.map((at) => (Number.isInteger(at) ? String(at) : ''))), space: time ? 64 : 40 },
      { ...axis, size: 66, ...(whole ? { incrs: WHOLE } : {}), values: (self, splits) => splits.map((value) => (value === 0 ? '0' : show(value))) }],
    series: [{}, ...series.map((one, at) => ({
      label: one.label, stroke: variable(`--s${(at % 6) + 1}`), width: 2, dash: dashes[at % 6], spanGaps: false, points: { show: x.length < 40, size: 5 },
    }))],
  };
}

function Legend({ series, at, show }) {
  return html`<ul class="chart-legend">${series.map((one, index) => html`<li key=${one.label}>
    <svg class="legend-line" viewBox="0 0 26 8" aria-hidden="true"><line x1="1" y1="4" x2="25" y2="4" stroke=${`var(--s${(index % 6) + 1})`}
    stroke-width="2.5" stroke-dasharray=${dashes[index % 6].join(' ')} /></svg><span class="wrap-any">${one.label}</span>
      ${at === null ? null : html`<strong class="tnum">${one.values[at] === null || one.values[at] === undefined ? NONE : show(one.values[at])}</strong>`}</li>`)}</ul>`;
}

/**
 * `show` writes a number in the chart, `exact` in the table; `time` is an axis of seconds since 1970, `whole` an axis of counts;
 * `range` is what the horizontal axis shows, else what there is.
 *
 * @param {{title: string, unit?: string, x: number[], xLabel: (value: number) => string, xTitle: string,
 *   series: {label: string, values: (number|null)[]}[], show: (value: number) => string, exact?: (value: number) => string,
 *   time?: boolean, whole?: boolean, range?: [number, number]|null}} props
 */
export function Chart({ title, unit, x, xLabel, xTitle, series, show, exact = show, time = false, whole = false, range = null }) {
  const box = useRef(null);
  const [table, setTable] = useState(false);
  const [at, setAt] = useState(null);
  const [failed, setFailed] = useState(null);
  const theme = useTheme();
  const id = useId('chart');
  useEffect(() => {
    if (table || x.length === 0) return undefined;
    let plot = null;
    let gone = false;
    let watch = null;
    chartLibrary().then((library) => {
      if (gone || !box.current) return;
      const width = Math.max(200, Math.floor(box.current.clientWidth));
      plot = new library({ ...options({ x, series, show, width, time, whole, range }), hooks: { setCursor: [(self) => setAt(self.cursor.idx ?? null)] } }, [x, ...series.map((one) => one.values)], box.current);
      watch = new ResizeObserver(([entry]) => plot.setSize({ width: Math.max(200, Math.floor(entry.contentRect.width)), height: HEIGHT }));
      watch.observe(box.current);
    }, (cause) => setFailed(cause.message));
    return () => { gone = true; watch?.disconnect(); plot?.destroy(); };
  }, [x, series, theme, table, time, whole, range]);
  return html`<figure class="chart" aria-labelledby=${id}><figcaption><h3 id=${id}>${title}${unit ? html` <span class="muted unit">
    ${unit}</span>` : null}</h3><span class="muted tnum chart-at">${at === null || table || x[at] === undefined ? '' : xLabel(x[at])}</span>
      <button type="button" class="btn quiet tiny" aria-pressed=${table} aria-label=${`${title} as a table`} onClick=${() => { setAt(null); setTable(!table); }}>Table</button></figcaption>
    ${x.length === 0 ? html`<div class="chart-empty muted">Nothing in this time.</div>` : table ? html`<${Numbers} title=${title} x=${x} xLabel=${xLabel} xTitle=${xTitle} series=${series} show=${exact} />`
      : html`<div class="chart-box" ref=${box} role="img" aria-label=${`${title}: ${series.map((one) => one.label).join(', ')}. The button “${title} as a table” gives the numbers.`}></div>`}
    ${failed ? html`<p class="muted">${failed} The table has the numbers.</p>` : null}
    ${x.length > 0 && !table ? html`<${Legend} series=${series} at=${at} show=${show} />` : null}</figure>`;
}

function Numbers({ title, x, xLabel, xTitle, series, show }) {
  return html`<div class="chart-table scroll" tabIndex="0" role="region" aria-label=${`${title}, numbers`}><table class="plain"><thead><tr>
    <th scope="col">${xTitle}</th>${series.map((one) => html`<th scope="col" class="num" key=${one.label}>${one.label}</th>`)}</tr></thead>
    <tbody>${x.map((value, at) => html`<tr key=${value}><th scope="row" class="tnum">${xLabel(value)}</th>
      ${series.map((one) => html`<td class="num" key=${one.label}>${one.values[at] === null || one.values[at] === undefined ? NONE : show(one.values[at])}</td>`)}</tr>`)}</tbody></table></div>`;
}
