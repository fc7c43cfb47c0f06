import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rebalanced, type SellingQuota } from '../../../src/inventory/model/rebalance-quotas.ts';

const part = (
  channel: string,
  exclusive: number,
  sold: number,
  more: Partial<SellingQuota> = {},
): SellingQuota => ({ channel, exclusive, sold, used: 0, sellsFrom: 'POOL', ...more });
const targets = (...quotas: SellingQuota[]) => Object.fromEntries(rebalanced(quotas));

test.each([
  ['in proportion to what is sold', [part('a', 10, 30), part('b', 10, 10)], { a: 15, b: 5 }],
  ['nothing is sold', [part('a', 10, 0), part('b', 10, 0)], {}],
  ['not below what is used', [part('a', 10, 90), part('b', 10, 10, { used: 8 })], { a: 12, b: 8 }],
  ['not of a counter of its own', [part('a', 10, 90), part('b', 10, 10, { sellsFrom: 'ESCROW' })], {}],
  [
    'to a counter of its own',
    [part('a', 10, 10), part('b', 10, 90, { sellsFrom: 'ESCROW' })],
    { a: 2, b: 18 },
  ],
])('%s', (_, quotas, expected) => {
  expect(targets(...quotas)).toEqual(expected);
});

test('the sum of the targets stays, and no floor is passed', () => {
  const quotas = fc.array(
    fc.record({
      exclusive: fc.nat(60),
      used: fc.nat(60),
      sold: fc.nat(100),
      sellsFrom: fc.constantFrom('POOL' as const, 'ESCROW' as const),
    }),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(quotas, (rows) => {
      const parts = rows.map((row, index) => ({ channel: `c${index}`, ...row }));
      const changed = rebalanced(parts);
      const after = parts.map((quota) => changed.get(quota.channel) ?? quota.exclusive);
      expect(after.reduce((sum, units) => sum + units, 0)).toBe(
        parts.reduce((sum, { exclusive }) => sum + exclusive, 0),
      );
      parts.forEach(({ exclusive, used, sellsFrom }, index) =>
        expect(after[index]).toBeGreaterThanOrEqual(
          sellsFrom === 'ESCROW' ? exclusive : Math.min(used, exclusive),
        ),
      );
    }),
    { numRuns: 1_000 },
  );
});
