import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BodyPace } from '../../../src/graph/policy/body-pace.ts';
import { HubError } from '../../../src/platform/errors.ts';

const MEGABYTE = 1_000_000;
const from = (sender: string) => () => sender;

test('one large body comes at once, the next ones a quarter of a second apart, small ones always', () => {
  let now = 0;
  const pace = new BodyPace(() => now);
  const delays = Array.from({ length: 5 }, () => pace.delayMs(from('a'), MEGABYTE));
  expect(delays).toEqual([0, 0, 250, 500, 750]);
  expect(pace.delayMs(from('a'), 4_096)).toBe(0);
  expect(pace.delayMs(from('b'), MEGABYTE)).toBe(0);
  now = 2_000;
  expect(pace.delayMs(from('a'), MEGABYTE)).toBe(0);
});

test('who would wait longer than ten seconds is refused, and what is refused is not booked', () => {
  let now = 0;
  const pace = new BodyPace(() => now);
  while (pace.delayMs(from('a'), MEGABYTE) < 10_000);
  const refusal = expect.objectContaining({
    code: 'RATE_LIMITED',
    extensions: expect.objectContaining({ retryAfterSeconds: 11, http: { status: 429 } }),
  });
  for (let n = 0; n < 100; n++) expect(() => pace.delayMs(from('a'), MEGABYTE)).toThrow(refusal);
  now = 250;
  expect(pace.delayMs(from('a'), MEGABYTE)).toBe(10_000);
});

test('whatever is sent, a sender is given at most 4 MB a second and two bodies of the largest size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 32_769, max: 20 * MEGABYTE })), { minLength: 1 }),
      (bodies) => {
        let now = 0;
        const pace = new BodyPace(() => now);
        const read: { at: number; bytes: number }[] = [];
        for (const [afterMs, bytes] of bodies) {
          now += afterMs;
          try {
            read.push({
              at: now + pace.delayMs(from('a'), bytes),
              bytes: Math.min(bytes, MEGABYTE), // larger ones are not read
            });
          } catch (error) {
            if (!(error instanceof HubError)) throw error;
          }
        }
        for (const { at: end } of read)
          for (const { at: start } of read.filter(({ at }) => at <= end)) {
            const given = read
              .filter(({ at }) => at >= start && at <= end)
              .reduce((sum, { bytes }) => sum + bytes, 0);
            expect(given).toBeLessThanOrEqual((end - start) * 4_000 + 2 * MEGABYTE + 1);
          }
      },
    ),
  );
});
