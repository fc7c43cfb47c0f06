import { expect, test } from '@jest/globals';
import { contradictions } from './torture/judge.ts';
import type { History, Operation } from './torture/history.ts';
import type { Movement } from './torture/timeline.ts';
import { torture } from './torture/torture.ts';

test('killed hubs, cut sessions and a killed PostgreSQL: no unit twice, no promise lost, one order of execution', async () => {
  const lines: string[] = [];
  const verdict = await torture({
    seed: 20261127,
    hubs: 2,
    clients: 16,
    answersPerIncident: 400,
    goOn: ({ answers, incidents }) => incidents < 4 || answers < 2_000,
    log: (line) => lines.push(line),
  });
  expect(verdict.contradictions).toEqual([]);
  expect(new Set(verdict.incidents.map((what) => what.replace(/ \d+/, ''))).size).toBe(3);
  expect(verdict.operations).toBeGreaterThanOrEqual(1_600);
}, 240_000);

/** The judge must be able to convict. */
const reserve = (key: string, times: [number, number], answer: object | undefined): Operation => ({
  mutation: 'reserve',
  input: { idempotencyKey: key, reference: key, mode: 'ALL_OR_NOTHING', lines: [{ sku: 'A', quantity: 2 }] },
  invokedAt: times[0],
  completedAt: times[1],
  replies: [answer ? { data: { reserve: answer as never } } : { errors: [{ message: 'deadlock detected' }] }],
});
const promised = (id: string) => ({
  __typename: 'Reservation',
  id,
  lines: [{ quantity: 2, sku: { code: 'A' } }],
  shortages: [],
});
const refused = (available: number) => ({
  __typename: 'InsufficientStock',
  shortages: [{ sku: 'A', requested: 2, available }],
});
const move = (at: number, counter: string, delta: number, more: Partial<Movement> = {}): Movement => ({
  sku: 'A',
  counter,
  delta,
  at,
  cause: 'RESERVE',
  reservationId: null,
  restockId: null,
  ...more,
});
const stock = move(0, 'ON_HAND', 3, { cause: 'ADJUST' });
const stored = (id: string) => ({ id, state: 'HELD', reference: id, quantity: 2 });

test.each<[string, Operation[], Movement[], string[], RegExp | undefined]>([
  [
    'a sound sale',
    [reserve('r', [10, 20], promised('r'))],
    [move(15, 'HELD', 2, { reservationId: 'r' })],
    ['r'],
    undefined,
  ],
  ['a deadlock shown', [reserve('r', [10, 20], undefined)], [], [], /deadlock/],
  ['a promise lost', [reserve('r', [10, 20], promised('r'))], [], [], /promised 2 units; stored is/],
  ['a promise to nobody', [], [move(15, 'HELD', 2, { reservationId: 'r' })], ['r'], /promised to nobody/],
  [
    'a unit sold twice',
    [reserve('r', [10, 20], promised('r')), reserve('s', [10, 30], promised('s'))],
    [move(15, 'HELD', 2, { reservationId: 'r' }), move(16, 'HELD', 2, { reservationId: 's' })],
    ['r', 's'],
    /1 times too often/,
  ],
  ['a refusal that was not true', [reserve('r', [10, 20], refused(1))], [], [], /never was so/],
  [
    'an effect after its answer',
    [reserve('r', [10, 20], promised('r'))],
    [move(40, 'HELD', 2, { reservationId: 'r' })],
    ['r'],
    /outside of its call/,
  ],
])('%s is judged so', (_, operations, movements, reservations, expected) => {
  const history: History = { operations, retried: {}, incidents: [] };
  const found = contradictions({
    history,
    movements: [stock, ...movements],
    reservations: reservations.map(stored),
  });
  if (expected) expect(found.join('\n')).toMatch(expected);
  else expect(found).toEqual([]);
});
