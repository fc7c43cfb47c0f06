import { expect, test } from '@jest/globals';
import { mergeState, OrderState, orderStates } from '../../src/order/order-states.ts';

const S = OrderState;

test.each([
  [S.PLACED, S.PAID, S.PAID],
  [S.PLACED, S.DELIVERED, S.DELIVERED], // the poll skipped what lay between
  [S.ROUTED, S.PAID, S.ROUTED], // the hub is ahead of the channel
  [S.HELD_FOR_REVIEW, S.PAID, S.HELD_FOR_REVIEW],
  [S.SHIPPED, S.PAID, S.SHIPPED],
  [S.PAID, S.CANCELLED, S.CANCELLED],
  [S.RETURNING, S.DELIVERED, S.RETURNING],
  [S.SHIPPED, S.CANCELLED, null],
  [S.CANCELLED, S.SHIPPED, null],
  [S.CANCELLED, S.PAID, S.CANCELLED],
])('%s, reported as %s, is %s', (current, reported, merged) => {
  expect(mergeState(current, reported)).toBe(merged);
});

test('no state is a trap: each has somebody who moves it on until a time, or is an end', () => {
  for (const { owner, deadlineMinutes, defaultAction } of Object.values(orderStates))
    expect(owner === 'NOBODY').toBe(deadlineMinutes === null && defaultAction === null);
});

test('a default action that is an event is one of its state', () => {
  const events = new Set(Object.values(orderStates).flatMap(({ next }) => Object.keys(next)));
  for (const { defaultAction, next } of Object.values(orderStates))
    if (defaultAction && events.has(defaultAction)) expect(Object.keys(next)).toContain(defaultAction);
});
