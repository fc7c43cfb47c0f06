import { expect, test } from '@jest/globals';
import { FatalError, RetriableError } from '../../../connectors/spi/index.ts';
import { judgeFailure } from '../../../src/sync/outbound/retry-decision.ts';

const HOUR_MS = 3_600_000;
const down = new RetriableError('The shop is down.');
const first = { attempts: 1, ageMs: 0, isWritesFault: false };

test('attempts are spread, twice as far apart each time, up to an hour', () => {
  const waits = [1, 2, 3, 20].map((attempts) => judgeFailure(down, { ...first, attempts }, 0.5).retryInMs);
  expect(waits).toEqual([5_000, 10_000, 20_000, HOUR_MS]);
  expect(judgeFailure(down, first, 0).retryInMs).toBe(3_750);
  expect(judgeFailure(down, first, 1).retryInMs).toBe(6_250);
});

test('a source that asks for more patience gets it', () => {
  const busy = new RetriableError('Too many calls.', { retryAfterMs: 90_000 });
  expect(judgeFailure(busy, first, 0.5)).toEqual({ state: 'PENDING', retryInMs: 90_000 });
});

test('after three days it is given up, and what the source refuses at once', () => {
  expect(judgeFailure(down, { ...first, ageMs: 72 * HOUR_MS - 1 }, 0.5).state).toBe('PENDING');
  expect(judgeFailure(down, { ...first, ageMs: 72 * HOUR_MS }, 0.5).state).toBe('FAILED');
  const refused = new FatalError('There is no such order.');
  expect(judgeFailure(refused, { ...first, isWritesFault: true }, 0.5).state).toBe('FAILED');
  expect(judgeFailure(refused, first, 0.5).state).toBe('PENDING');
});
