import { expect, test } from '@jest/globals';
import { outageStatus } from '../../../src/graph/policy/outage-status.ts';
import { HubError, type ErrorCode } from '../../../src/platform/errors.ts';

const errorOf = (code: ErrorCode, details = {}) => new HubError(code, 'no', details).toJSON();

test.each([
  ['nothing executed', undefined],
  ['no data', null],
  ['every field null', { sku: null, reserve: null }],
])('an outage with %s is 503, with a time to come back', (_name, data) => {
  expect(outageStatus(data, [errorOf('DATABASE_UNAVAILABLE')])).toEqual({ status: 503, retryAfter: '1' });
  expect(outageStatus(data, [errorOf('OVERLOADED', { retryAfterSeconds: 7 })])).toEqual({
    status: 503,
    retryAfter: '7',
  });
  expect(outageStatus(data, [errorOf('RATE_LIMITED', { retryAfterSeconds: 40 })])).toEqual({
    status: 429,
    retryAfter: '40',
  });
});

test('an answer with a part that was served, or with other errors alone, has no status of an outage', () => {
  expect(outageStatus({ sku: null, channels: [] }, [errorOf('DATABASE_UNAVAILABLE')])).toBeUndefined();
  expect(outageStatus({ count: 0, sku: null }, [errorOf('OVERLOADED')])).toBeUndefined();
  expect(outageStatus({ sku: null }, [errorOf('UNKNOWN_SKU')])).toBeUndefined();
  expect(outageStatus({ sku: null }, undefined)).toBeUndefined();
});
