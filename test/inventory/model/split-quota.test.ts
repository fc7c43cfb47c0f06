import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { availableTo, splitQuota, type ChannelQuota } from '../../../src/inventory/model/split-quota.ts';

const quota = (
  channel: string,
  exclusive: number,
  used = 0,
  more: Partial<ChannelQuota> = {},
): ChannelQuota => ({ channel, exclusive, used, sharedCap: null, released: false, ...more });
const free = (quantity: number, ...quotas: ChannelQuota[]) => {
  const { shared, exclusiveFree } = splitQuota(quantity, quotas);
  const parts: Record<string, number> = { shared, ...Object.fromEntries(exclusiveFree) };
  return parts;
};

test.each([
  [[quota('a', 30), quota('b', 20)], 100, { shared: 50, a: 30, b: 20 }],
  [[quota('a', 30, 10), quota('b', 20, 25)], 100, { shared: 80, a: 20, b: 0 }],
  [[quota('a', 30), quota('b', 20)], 50, { shared: 0, a: 30, b: 20 }],
  [[quota('a', 30), quota('b', 20)], 10, { shared: 0, a: 6, b: 4 }],
  [[quota('a', 10), quota('b', 10)], 5, { shared: 0, a: 3, b: 2 }],
  [[quota('a', 10)], 0, { shared: 0, a: 0 }],
])('%j share %i', (quotas, quantity, expected) => {
  expect(free(quantity, ...quotas)).toEqual(expected);
});

test('a channel that asks may use what is shared, one with its own counter may not', () => {
  const quotas = [quota('a', 3), quota('b', 2)];
  const available = (code: string, sellsFrom: 'POOL' | 'ESCROW', of = quotas) =>
    availableTo({ code, sellsFrom }, 10, of);
  expect(available('a', 'POOL')).toBe(8);
  expect(available('c', 'POOL')).toBe(5);
  expect(available('a', 'ESCROW')).toBe(3);
  expect(available('c', 'ESCROW')).toBe(0);
  expect(available('c', 'ESCROW', [])).toBe(0);
  expect(available('c', 'POOL', [])).toBe(10);
});

test('a cap bounds what a channel takes of the shared part, beyond its own', () => {
  const of = (used: number, sharedCap: number) =>
    availableTo({ code: 'a', sellsFrom: 'POOL' }, 10, [quota('a', 3, used, { sharedCap })]);
  expect(of(0, 4)).toBe(7);
  expect(of(3, 4)).toBe(4);
  expect(of(5, 4)).toBe(2);
  expect(of(9, 4)).toBe(0);
  expect(of(0, 0)).toBe(3);
});

test('a released part is shared, and what its channel gives back is everybody’s', () => {
  expect(free(10, quota('a', 6, 2, { released: true }))).toEqual({ shared: 10, a: 0 });
  // Written down at its time, with what was used then; two of them come back later.
  expect(free(12, quota('a', 2, 0, { released: true }))).toEqual({ shared: 12, a: 0 });
});

/** The division of semantics.md: what is wanted, in proportion, by largest remainder. */
function byLargestRemainder(quantity: number, quotas: readonly ChannelQuota[]): Map<string, number> {
  const wants = quotas.map(({ channel, exclusive, used }) => ({
    channel,
    want: Math.max(0, exclusive - used),
  }));
  const wanted = wants.reduce((sum, { want }) => sum + want, 0);
  const exact = wants.map(({ channel, want }) => ({ channel, share: (quantity * want) / wanted }));
  const parts = new Map(exact.map(({ channel, share }) => [channel, Math.floor(share)]));
  const left = quantity - [...parts.values()].reduce((sum, units) => sum + units, 0);
  const byRemainder = exact.toSorted(
    (a, b) => (b.share % 1) - (a.share % 1) || (a.channel < b.channel ? -1 : 1),
  );
  for (const { channel } of byRemainder.slice(0, left)) parts.set(channel, parts.get(channel)! + 1);
  return parts;
}

describe('by largest remainders of what is wanted, a published number would not stay true', () => {
  test('when more stock arrives (the Alabama paradox)', () => {
    const quotas = [quota('a', 6), quota('b', 6), quota('c', 2)];
    expect(byLargestRemainder(10, quotas).get('c')).toBe(2);
    expect(byLargestRemainder(11, quotas).get('c')).toBe(1);
    expect(free(10, ...quotas)['c']).toBeLessThanOrEqual(free(11, ...quotas)['c']!);
  });

  test('when another channel sells from its own part', () => {
    expect(byLargestRemainder(10, [quota('a', 10), quota('b', 10)]).get('a')).toBe(5);
    expect(byLargestRemainder(5, [quota('a', 10), quota('b', 10, 5)]).get('a')).toBe(3);
    expect(free(10, quota('a', 10), quota('b', 10))['a']).toBe(5);
    expect(free(5, quota('a', 10), quota('b', 10, 5))['a']).toBe(5);
  });
});

const anyQuotas = fc
  .array(
    fc.record({
      exclusive: fc.nat(40),
      used: fc.nat(50),
      sharedCap: fc.option(fc.nat(30)),
      released: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((rows) => rows.map((row, index) => ({ channel: `c${index}`, ...row })));

test('the parts always sum to the quantity, and none exceeds what its channel may still take', () => {
  fc.assert(
    fc.property(anyQuotas, fc.oneof(fc.nat(200), fc.nat(2 ** 31 - 1)), fc.nat(1), (quotas, quantity, big) => {
      const of = big ? quotas.map((row) => ({ ...row, exclusive: row.exclusive * 50_000_000 })) : quotas;
      const { shared, exclusiveFree } = splitQuota(quantity, of);
      expect(shared + [...exclusiveFree.values()].reduce((sum, units) => sum + units, 0)).toBe(quantity);
      for (const { channel, exclusive, used } of of) {
        expect(exclusiveFree.get(channel)).toBeGreaterThanOrEqual(0);
        expect(exclusiveFree.get(channel)).toBeLessThanOrEqual(Math.max(0, exclusive - used));
      }
    }),
    { numRuns: 500 },
  );
});

test('no part shrinks when the quantity rises, or when another channel takes from its own part', () => {
  fc.assert(
    fc.property(anyQuotas, fc.nat(150), fc.nat(5), fc.nat(10), (quotas, quantity, which, units) => {
      const before = splitQuota(quantity, quotas).exclusiveFree;
      const more = splitQuota(quantity + units, quotas).exclusiveFree;
      for (const { channel } of quotas)
        expect(more.get(channel)).toBeGreaterThanOrEqual(before.get(channel)!);

      const seller = quotas[which % quotas.length]!;
      const taken = Math.min(units, before.get(seller.channel)!);
      const after = splitQuota(
        quantity - taken,
        quotas.map((row) => (row === seller ? { ...row, used: row.used + taken } : row)),
      ).exclusiveFree;
      for (const { channel } of quotas)
        expect(after.get(channel)).toBe(before.get(channel)! - (channel === seller.channel ? taken : 0));
    }),
    { numRuns: 2_000 },
  );
});
