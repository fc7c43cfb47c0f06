import { expect, test } from '@jest/globals';
import { compileExpression } from '../../src/sync/mapping/compile-expression.ts';

const evaluate = (source: string, data: Record<string, unknown> = {}) =>
  compileExpression(source, { origin: 'test', field: 'fields.x' })(data, {});

test.each([
  ['lists in each other', '[1..1000].($a := $; [1..1000].($a * $))', /more than 100000 steps/],
  ['a function that calls itself', '($f := function($n) { $f($n + 1) }; $f(0))', /more than 100000 steps/],
  ['a reduction', '$reduce([1..90000], function($a, $b) { $a + $b })', /more than 100000 steps/],
  ['a text that doubles', '$reduce([1..60], function($a, $b) { $a & $a }, "ab")', /grows too long/],
  ['a range', '$count([1..9000000])', /sequence|must not exceed|100000/i],
])('%s ends by counting', async (_what, source, says) => {
  const failure = await evaluate(source).then(
    () => undefined,
    (error: unknown) => String((error as { message?: unknown }).message),
  );
  expect(failure).toMatch(says);
});

test('what mappings do is far below', async () => {
  const rows = Array.from({ length: 200 }, (_, n) => ({ price: n }));
  expect(await evaluate('$sum(rows.(price * 2))', { rows })).toBe(39_800);
});

test('steps are counted for each evaluation alone, also side by side', async () => {
  const expression = compileExpression('$count([1..300].($ + 1))', { origin: 'test', field: 'fields.x' });
  const all = await Promise.all(Array.from({ length: 300 }, () => expression({}, {})));
  expect(new Set(all)).toEqual(new Set([300]));
});
