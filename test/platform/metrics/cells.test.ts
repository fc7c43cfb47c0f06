import { expect, test } from '@jest/globals';
import { CellCounter, CellHistogram } from '../../../src/platform/metrics/cells.ts';
import { readGauge, registry } from '../../../src/platform/metrics/registry.ts';

const textOf = (name: string) => registry.getSingleMetricAsString(name);

test('a counter has a line for each of its labels, and the same cell for the same labels', async () => {
  const counter = new CellCounter<'colour'>('test_balls_total', 'Balls.');
  counter.cell({ colour: 'red' }).count += 2;
  counter.cell({ colour: 'red' }).count += 1;
  counter.cell({ colour: 'a "b"' }).count += 1;
  expect(await textOf('test_balls_total')).toBe(
    [
      '# HELP test_balls_total Balls.',
      '# TYPE test_balls_total counter',
      'test_balls_total{colour="red"} 3',
      'test_balls_total{colour="a \\"b\\""} 1',
    ].join('\n'),
  );
});

test('the buckets of a histogram hold what is at most their bound', async () => {
  const cell = new CellHistogram<'way'>('test_size', 'Sizes.', [1, 10]).cell({ way: 'x' });
  for (const value of [1, 2, 10, 11]) cell.observe(value);
  expect(await textOf('test_size')).toBe(
    [
      '# HELP test_size Sizes.',
      '# TYPE test_size histogram',
      'test_size_bucket{way="x",le="1"} 1',
      'test_size_bucket{way="x",le="10"} 3',
      'test_size_bucket{way="x",le="+Inf"} 4',
      'test_size_sum{way="x"} 24',
      'test_size_count{way="x"} 4',
    ].join('\n'),
  );
});

test('a gauge that is read is the sum of its readers', async () => {
  const add = readGauge('test_queue', 'Queue.');
  add(() => 3);
  const remove = add(() => 4);
  expect(await textOf('test_queue')).toContain('test_queue 7');
  remove();
  expect(await textOf('test_queue')).toContain('test_queue 3');
});
