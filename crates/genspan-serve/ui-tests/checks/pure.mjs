/** The parts that need no page: trees, lanes, alignment, differences, numbers. */
import { assert } from './expect.mjs';
import { buildTree, visible, packLanes } from '../../ui/src/trace/tree.js';
import { align, commonPairs } from '../../ui/src/compare/align.js';
import { diff } from '../../ui/src/compare/textdiff.js';
import * as format from '../../ui/src/format.js';
import { marks } from '../../ui/src/trace/waterfall.js';
import { headline, amount } from '../../ui/src/metrics/units.js';
import { lines, sparkPath, whole } from '../../ui/src/metrics/lines.js';
import { price } from '../fixtures/build.mjs';

const span = (spanId, parentId, startMicros = 0, durationMicros = 10, rest = {}) => ({ spanId, parentId, startMicros, durationMicros, name: spanId, kind: 'other', status: 'ok', sources: [], ...rest });
const ids = (nodes) => nodes.map((node) => node.span.spanId).join(' ');

export default async function pure({ check }) {
  await check('pure: a tree holds every span once, whatever the parents say', () => {
    assert.equal(ids(buildTree([span('c', 'b', 3), span('a', undefined, 1), span('b', 'a', 2), span('o', 'gone', 9)]).order), 'a b c o');
    const ring = buildTree([span('a', 'b', 1), span('b', 'c', 2), span('c', 'a', 3), span('self', 'self', 4)]);
    assert.equal(ring.order.length, 4);
    assert.equal(new Set(ring.order).size, 4);
    assert.ok(ring.byId.get('self').orphan);
    const deep = buildTree(Array.from({ length: 20_000 }, (_, at) => span(`s${at}`, at === 0 ? undefined : `s${at - 1}`, at, 20_000 - at)));
    assert.equal(deep.order.at(-1).depth, 19_999);
    assert.equal(deep.roots[0].under.spans, 19_999);
    assert.equal(packLanes(deep.order).count, 64);
  });

  await check('pure: spans that overlap have lanes of their own, those that follow share one', () => {
    const { order } = buildTree([span('root', undefined, 0, 100), span('a', 'root', 0, 30), span('b', 'root', 10, 30), span('c', 'root', 30, 5), span('d', 'root', 50, 5)]);
    assert.deepEqual(order.slice(1).map((node) => [node.lane, node.lanes]), [[0, 2], [1, 2], [0, 2], [0, 1]]);
    assert.equal(ids(visible({ order }, new Set(['root']))), 'root');
  });

  await check('pure: traces are aligned by what was done, not by ids or models', () => {
    const a = [span('a0', undefined, 0, 9, { kind: 'agent', agent: 'x' }), span('a1', 'a0', 1, 1, { kind: 'chat', model: 'm1' }), span('a2', 'a0', 2, 1, { kind: 'tool', tool: 't' }), span('a3', 'a0', 3, 1, { kind: 'chat', model: 'm1' })];
    const b = [span('b0', undefined, 0, 9, { kind: 'agent', agent: 'x' }), span('b1', 'b0', 1, 1, { kind: 'chat', model: 'm2' }), span('b3', 'b0', 3, 1, { kind: 'chat', model: 'm2' }), span('b4', 'b0', 4, 1, { kind: 'tool', tool: 'u' })];
    assert.deepEqual(align(a, b).map((row) => row.id), ['a0~b0', 'a1~b1', 'a2~', 'a3~b3', '~b4']);
    assert.equal(commonPairs(Array(5000).fill('x'), Array(4000).fill('x')).length, 4000);
  });

  await check('pure: differences put together give both texts again', () => {
    const [a, b] = ['The quick brown fox jumps.', 'The slow brown fox sleeps, twice.'];
    const pieces = diff(a, b);
    assert.equal(pieces.filter(({ kind }) => kind !== 'added').map(({ text }) => text).join(''), a);
    assert.equal(pieces.filter(({ kind }) => kind !== 'removed').map(({ text }) => text).join(''), b);
    assert.ok(pieces.some(({ kind, text }) => kind === 'same' && text.includes('brown fox')));
  });

  await check('pure: numbers carry their units, and what is absent is not 0', () => {
    assert.deepEqual([0, 445, 999.6, 101_000, 999_499, 2_310_000, 59_999_000, 83_000_000, 7_500_000_000, undefined].map(format.duration), ['0 µs', '445 µs', '1 ms', '101 ms', '999 ms', '2.31 s', '1 min', '1 min 23 s', '2 h 5 min', '–']);
    assert.deepEqual([0, 0.0004, 0.0123, 1.234, 1234.5, -0.5].map((n) => format.money(n)), ['$0.00', '$0.00040', '$0.0123', '$1.23', '$1,234.50', '−$0.5000']);
    assert.equal(format.money('0.5', 'CHF'), '0.5000 CHF');
    assert.deepEqual([undefined, 0, 12_345].map(format.count), ['–', '0', '12,345']);
    assert.deepEqual([999_999, 14_010_612].map(format.tokens), ['999,999', '14M']);
    assert.equal(format.cost(undefined), '–');
    assert.equal(price({ model: 'unknown', inputTokens: 3 }), null);
  });

  await check('pure: a ruler has few marks at round times', () => {
    assert.deepEqual(marks({ from: 0, to: 3_104_000, origin: 0 }).map(({ at }) => at), [0, 1_000_000, 2_000_000, 3_000_000]);
    assert.ok(marks({ from: 5, to: 6, origin: 0 }).length <= 20);
    assert.deepEqual(marks({ from: 0, to: 379e6, origin: 0 }).map(({ at }) => at / 60e6), [0, 2, 4, 6]);
  });

  await check('pure: a metric is written in its unit, and its series are told by what differs', () => {
    assert.deepEqual([amount(0.929, 's'), amount(48_211_004, 'By'), amount(0.55, 'USD'), amount(5731.2, 'tokens'), amount(3, '{call}'), amount(7, '1')], ['929 ms', '48.2 MB', '$0.5500', '5,731 tokens', '3 calls', '7']);
    assert.equal(headline({ kind: 'histogram', unit: 's' }, { total: 0, count: 0 }), null);
    const series = (model, type, values) => ({ attributes: [{ key: 'model', value: model }, { key: 'type', value: type }], total: values.reduce((sum, [, n]) => sum + n, 0), values: values.map(([atMicros, value]) => ({ atMicros, value })) });
    const two = [series('m', 'in', [[1e6, 3]]), series('m', 'out', [[1e6, 4], [2e6, 5]])];
    assert.deepEqual(lines(two), { x: [1, 2], left: 0, lines: [{ label: 'type=out', values: [4, 5] }, { label: 'type=in', values: [3, null] }] });
    assert.deepEqual(whole({ kind: 'counter', series: two }), [[1e6, 7], [2e6, 5]]);
    assert.equal(sparkPath([[1, 0], [2, 10]]), 'M0.0 19.0L100.0 1.0');
    assert.equal(sparkPath([[1, 4]]), 'M100.0 1.0h0.01');
  });
}
