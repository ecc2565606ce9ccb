/** Series of a metric as lines over one axis of time. */

const MOST = 6;
const label = ({ attributes }) => attributes.map(({ key, value }) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ');

/** What tells series apart: attributes that all of them share say nothing. */
export function telling(series) {
  const shared = new Map();
  for (const { attributes } of series) for (const { key, value } of attributes) {
    const known = shared.get(key) ?? { values: new Set(), n: 0 };
    known.values.add(JSON.stringify(value));
    known.n += 1;
    shared.set(key, known);
  }
  return series.map((one) => ({ ...one, attributes: series.length === 1 ? one.attributes : one.attributes.filter(({ key }) => shared.get(key).values.size > 1 || shared.get(key).n < series.length) }));
}

/** The six series that come to most, as lines; the shortest time that holds them all. */
export function lines(series) {
  const size = ({ figures, total, last }) => Math.abs(total ?? last ?? figures ?? 0);
  const drawn = [...telling(series)].sort((a, b) => size(b) - size(a)).slice(0, MOST);
  const times = [...new Set(drawn.flatMap((one) => one.values.map((point) => point.atMicros)))].sort((a, b) => a - b);
  const names = new Set();
  return {
    x: times.map((at) => at / 1e6),
    left: series.length - drawn.length,
    lines: drawn.map((one, at) => {
      const points = new Map(one.values.map((point) => [point.atMicros, point.value]));
      let name = label(one) || 'value';
      if (names.has(name)) name = `${name} (${at + 1})`;
      names.add(name);
      return { label: name, values: times.map((moment) => points.get(moment) ?? null) };
    }),
  };
}

/** One line for all series: what counters add up to at each moment, and of others the series that changed last. */
export function whole({ kind, series }) {
  if (kind !== 'counter') return series[0]?.values.map(({ atMicros, value }) => [atMicros, value]) ?? [];
  const sums = new Map();
  for (const { values } of series) for (const { atMicros, value } of values) sums.set(atMicros, (sums.get(atMicros) ?? 0) + value);
  return [...sums].sort(([a], [b]) => a - b);
}

/** The path of a small line, 100 wide and 20 high; a single point is a dot. */
export function sparkPath(points) {
  if (points.length === 0) return '';
  const [from, to] = [points[0][0], points.at(-1)[0]];
  const top = points.reduce((most, [, value]) => Math.max(most, value), 0);
  const low = points.reduce((least, [, value]) => Math.min(least, value), 0);
  const x = (at) => (to > from ? ((at - from) / (to - from)) * 100 : 100);
  const y = (value) => (top > low ? 19 - ((value - low) / (top - low)) * 18 : 19);
  return points.map(([at, value], index) => `${index === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('') + (points.length === 1 ? 'h0.01' : '');
}
