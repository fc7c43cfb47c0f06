import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  deliveryRetryDecision,
  retryAfterOf,
  type Attempt,
} from '../../../src/webhooks/http/retry-policy.ts';

const HOUR = 3_600_000;
const failure = (status: number | null, retryAfterMs: number | null = null): Attempt => ({
  status,
  error: 'failed',
  retryAfterMs,
});
const first = { attempts: 1, ageMs: 0, failures: 1 };

test('success is delivered, 410 ends the endpoint', () => {
  expect(deliveryRetryDecision({ status: 204, error: null, retryAfterMs: null }, first, 0.5).outcome).toBe(
    'DELIVERED',
  );
  expect(deliveryRetryDecision(failure(410), first, 0.5).outcome).toBe('GONE');
});

test('waits double from 5 seconds to an hour, give or take a quarter', () => {
  const waits = [1, 2, 3, 10, 11, 100].map(
    (attempts) => deliveryRetryDecision(failure(500), { ...first, attempts }, 0.5).retryInMs / 1000,
  );
  expect(waits).toEqual([5, 10, 20, 2560, 3600, 3600]);
  expect(deliveryRetryDecision(failure(500), first, 0).retryInMs).toBe(3_750);
  expect(deliveryRetryDecision(failure(500), first, 1).retryInMs).toBe(6_250);
});

test('every failure but 410 is tried again until three days are over, and then it is dead', () => {
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 300, max: 599 }).filter((status) => status !== 410)),
      fc.integer({ min: 0, max: 100 * HOUR }),
      fc.integer({ min: 1, max: 1_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (status, ageMs, attempts, random) => {
        const verdict = deliveryRetryDecision(
          failure(status),
          { attempts, ageMs, failures: attempts },
          random,
        );
        expect(verdict.outcome).toBe(ageMs >= 72 * HOUR ? 'DEAD' : 'RETRY');
        expect(verdict.retryInMs).toBeGreaterThan(0);
        expect(verdict.retryInMs).toBeLessThanOrEqual(1.25 * HOUR);
        expect(verdict.pauseMs).toBeLessThanOrEqual(1.25 * 300_000);
      },
    ),
  );
});

test('the fifth failure in a row pauses the endpoint, the next ones for longer', () => {
  const pauses = [4, 5, 6, 20].map(
    (failures) => deliveryRetryDecision(failure(500), { ...first, failures }, 0.5).pauseMs / 1000,
  );
  expect(pauses).toEqual([0, 5, 10, 300]);
});

test('Retry-After counts for 429 and 503 only, up to a day', () => {
  for (const status of [429, 503])
    expect(deliveryRetryDecision(failure(status, HOUR), first, 0.5)).toMatchObject({
      retryInMs: HOUR,
      pauseMs: HOUR,
    });
  expect(deliveryRetryDecision(failure(500, HOUR), first, 0.5)).toMatchObject({
    retryInMs: 5_000,
    pauseMs: 0,
  });
  expect(deliveryRetryDecision(failure(429, 1_000 * HOUR), first, 0.5).retryInMs).toBe(24 * HOUR);
});

test('Retry-After is seconds or a date', () => {
  const now = new Date('2026-11-27T10:00:00Z');
  expect(retryAfterOf('120', now)).toBe(120_000);
  expect(retryAfterOf('Fri, 27 Nov 2026 10:01:00 GMT', now)).toBe(60_000);
  expect(retryAfterOf('Fri, 27 Nov 2026 09:00:00 GMT', now)).toBe(0);
  expect(retryAfterOf('soon', now)).toBeNull();
  expect(retryAfterOf(undefined, now)).toBeNull();
});
