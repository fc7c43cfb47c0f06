import { expect, test } from '@jest/globals';
import { FatalError, RetriableError } from '../../../connectors/spi/index.ts';
import { writeRetryDecision } from '../../../src/sync/outbound/retry-decision.ts';

const HOUR_MS = 3_600_000;
const down = new RetriableError('The shop is down.');
const first = { attempts: 1, ageMs: 0, isWritesFault: false };

test('attempts are spread, twice as far apart each time, up to an hour', () => {
  const waits = [1, 2, 3, 20].map(
    (attempts) => writeRetryDecision(down, { ...first, attempts }, 0.5).retryInMs,
  );
  expect(waits).toEqual([5_000, 10_000, 20_000, HOUR_MS]);
  expect(writeRetryDecision(down, first, 0).retryInMs).toBe(3_750);
  expect(writeRetryDecision(down, first, 1).retryInMs).toBe(6_250);
});

test('a source that asks for more patience gets it', () => {
  const busy = new RetriableError('Too many calls.', { retryAfterMs: 90_000 });
  expect(writeRetryDecision(busy, first, 0.5)).toEqual({ state: 'PENDING', retryInMs: 90_000 });
});

test('after three days it is given up, and what the source refuses at once', () => {
  expect(writeRetryDecision(down, { ...first, ageMs: 72 * HOUR_MS - 1 }, 0.5).state).toBe('PENDING');
  expect(writeRetryDecision(down, { ...first, ageMs: 72 * HOUR_MS }, 0.5).state).toBe('FAILED');
  const refused = new FatalError('There is no such order.');
  expect(writeRetryDecision(refused, { ...first, isWritesFault: true }, 0.5).state).toBe('FAILED');
  expect(writeRetryDecision(refused, first, 0.5).state).toBe('PENDING');
});
