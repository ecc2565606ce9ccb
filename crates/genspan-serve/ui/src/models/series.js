/** Turns the statistics of models or tools into lines of a chart: one time axis, a gap where nothing happened. */

const MOST = 6;

/**
 * @param {{series: any[], calls: number}[]} items in any order; the six with most calls are drawn
 * @param {(item: any) => string} label
 */
export function timeAxis(items, label) {
  const drawn = [...items].sort((a, b) => b.calls - a.calls).slice(0, MOST);
  const times = [...new Set(drawn.flatMap((item) => item.series.map((point) => point.atMicros)))].sort((a, b) => a - b);
  const byItem = drawn.map((item) => ({ label: label(item), points: new Map(item.series.map((point) => [point.atMicros, point])) }));
  return {
    x: times.map((at) => at / 1e6),
    left: items.length - drawn.length,
    /** One line an item; `empty` stands where an item has no point. */
    lines: (read, empty = null) => byItem.map((one) => ({
      label: one.label,
      values: times.map((at) => { const point = one.points.get(at); const value = point ? read(point) : undefined; return value ?? (point ? null : empty); }),
    })),
  };
}

/** A bucket that gives about sixty points over a span of time, in whole minutes. */
export function bucketFor(spanMs) {
  const minute = 60_000;
  const steps = [minute, 5 * minute, 15 * minute, 60 * minute, 3 * 60 * minute, 6 * 60 * minute, 24 * 60 * minute];
  return steps.find((step) => spanMs / step <= 80) ?? steps.at(-1);
}
