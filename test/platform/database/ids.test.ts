import { expect, jest, test } from '@jest/globals';
import { isUuid, newId } from '../../../src/platform/database/ids.ts';

test('ids are of version 7, unlike each other, and in the order in which they were made', () => {
  const ids = Array.from({ length: 20_000 }, newId);
  expect(ids.every((id) => isUuid(id) && /^.{14}7.{4}[89ab]/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
});

test('they stay in order when the clock is put back, and tell the time otherwise', () => {
  const now = Date.now();
  const clock = jest.spyOn(Date, 'now');
  try {
    clock.mockReturnValue(now + 5_000);
    const before = newId();
    clock.mockReturnValue(now);
    const after = newId();
    expect(after > before).toBe(true);
    clock.mockReturnValue(now + 5_001);
    const next = newId();
    expect(next > after).toBe(true);
    expect(Number.parseInt(next.replaceAll('-', '').slice(0, 12), 16)).toBe(now + 5_001);
  } finally {
    clock.mockRestore();
  }
});

test('two ids share no random bytes', () => {
  const tails = Array.from({ length: 2_000 }, () => newId().slice(-10));
  expect(new Set(tails).size).toBe(tails.length);
});
