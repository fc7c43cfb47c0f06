import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EventPace } from '../../../src/graph/policy/cost/event-pace.ts';

/** Of a message, beside its fields. */
const MESSAGE = 30;
const limits = { perMinute: 60_000, adminPerMinute: 600_000 }; // 1,000 and 10,000 a second
const keyed = (keyId: string) => ({ partner: 'p', name: 'n', admin: false, keyId });

test('a second of events comes at once, the rest as the budget allows', () => {
  let now = 0;
  const pace = new EventPace(limits, () => now);
  const delays = Array.from({ length: 30 }, () => pace.delayMs(keyed('a'), 100 - MESSAGE));
  expect(delays.slice(0, 11)).toEqual(Array(11).fill(0));
  expect(delays.slice(11)).toEqual(Array.from({ length: 19 }, (_, n) => (n + 1) * 100));
  expect(pace.delayMs(keyed('b'), 100)).toBe(0); // a key does not wait for another one
  expect(pace.delayMs({ partner: 'p', name: 'admin', admin: true }, 100)).toBe(0);
  now = 10_000;
  expect(pace.delayMs(keyed('a'), 100 - MESSAGE)).toBe(0);
});

test('whatever comes, events of a key never cost more than the budget for the time and one second', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 2_000 })), { minLength: 1 }),
      (events) => {
        let now = 0;
        const pace = new EventPace(limits, () => now);
        const made = events.map(([afterMs, cost]) => {
          now += afterMs;
          return { at: now + pace.delayMs(keyed('a'), cost), cost: cost + MESSAGE };
        });
        for (const { at: end } of made)
          for (const { at: start } of made.filter(({ at }) => at <= end)) {
            const within = made.filter(({ at }) => at >= start && at <= end);
            const last = within.at(-1)?.cost ?? 0;
            const spent = within.reduce((sum, { cost }) => sum + cost, 0) - last;
            expect(spent).toBeLessThanOrEqual(end - start + 1_000 + 1e-6);
          }
      },
    ),
  );
});
