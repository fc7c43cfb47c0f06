import { expect, test } from '@jest/globals';
import { isConnectionLoss } from '../../../src/platform/database/connection-loss.ts';
import { isLockConflict } from '../../../src/platform/database/lock-conflict.ts';

const withCode = (code: string) => Object.assign(new Error('it failed'), { code });
const wrapped = (cause: Error) => new Error('the query failed', { cause });

test.each([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  '53100',
  '53200',
  '53300',
  '25006',
  '25P03',
  '57014',
  '58030',
  '57P01',
  '08006',
])('%s is a lost connection, also as a cause', (code) => {
  expect(isConnectionLoss(withCode(code))).toBe(true);
  expect(isConnectionLoss(wrapped(withCode(code)))).toBe(true);
  expect(isLockConflict(withCode(code))).toBe(false);
});

test.each([
  'timeout expired',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Connection terminated',
])('%j is a lost connection', (message) => expect(isConnectionLoss(new Error(message))).toBe(true));

test.each(['40P01', '40001', '55P03'])('%s is a lock conflict, also as a cause', (code) => {
  expect(isLockConflict(withCode(code))).toBe(true);
  expect(isLockConflict(wrapped(withCode(code)))).toBe(true);
  expect(isConnectionLoss(withCode(code))).toBe(false);
});

test.each([withCode('23505'), new Error('the timeout expired'), undefined, 'ECONNREFUSED'])(
  '%p is neither',
  (error) => {
    expect(isConnectionLoss(error)).toBe(false);
    expect(isLockConflict(error)).toBe(false);
  },
);
