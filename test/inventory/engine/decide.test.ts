import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { free } from '../../../src/inventory/model/available-to-promise.ts';
import type { StockCommand } from '../../../src/inventory/engine/command.ts';
import { decide } from '../../../src/inventory/engine/decide/decide.ts';
import { LockedStock } from '../../../src/inventory/engine/state/locked-stock.ts';
import {
  RestockReason,
  StockCondition,
  type StockCounter,
} from '../../../src/inventory/model/stock.enums.ts';
import { reserveOf, submission } from '../../support/inventory/engine.ts';
import {
  noRows,
  type LockedBalance,
  type LockedReservation,
} from '../../../src/inventory/engine/state/locked-rows.ts';

/** Random commands on one balance, decided in memory: what must hold after each, whatever came before. */
const NOW = new Date('2026-11-22T04:00:00Z');

function emptyStock(): { stock: LockedStock; balance: LockedBalance } {
  const balance: LockedBalance = {
    sku: 'A',
    pool: 'MAIN',
    onHand: 0,
    allocated: 0,
    confirmed: 0,
    held: 0,
    unbacked: 0,
    futureDraw: 0,
    bufferFixed: 0,
    bufferRate: 0,
    commitCounter: 0,
    datedHeld: 0,
    datedConfirmed: 0,
    hasQuotas: false,
    hasPresale: false,
  };
  const level = (node: string) => ({
    sku: 'A',
    node,
    onHand: 0,
    damaged: 0,
    quarantined: 0,
    allocated: 0,
    countedAt: null,
  });
  const stock = new LockedStock({
    ...noRows(NOW),
    channels: [{ code: 'douyin', pool: 'MAIN', holdTtlSeconds: 900, sellsFrom: 'POOL' }],
    pools: [
      { code: 'MAIN', timeZone: 'Asia/Shanghai', overdue: { offsetDays: 1, fenceDays: 7 }, resaleRate: 1 },
    ],
    nodes: ['WH', 'STORE'].map((code) => ({ code, pool: 'MAIN' })),
    skus: ['A'],
    balances: [balance],
    levels: [level('WH'), level('STORE')],
  });
  return { stock, balance };
}

type Step =
  | { do: 'reserve'; quantity: number; partial: boolean }
  | { do: 'confirm' | 'release'; which: number }
  | { do: 'count' | 'receive'; quantity: number; node: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('reserve' as const),
    quantity: fc.integer({ min: 1, max: 9 }),
    partial: fc.boolean(),
  }),
  fc.record({ do: fc.constantFrom('confirm' as const, 'release' as const), which: fc.nat(20) }),
  fc.record({
    do: fc.constantFrom('count' as const, 'receive' as const),
    quantity: fc.integer({ min: 0, max: 12 }),
    node: fc.constantFrom('WH', 'STORE'),
  }),
);

function commandOf(taken: Step, reservations: LockedReservation[]): StockCommand | undefined {
  switch (taken.do) {
    case 'reserve':
      return reserveOf('A', taken.quantity, { partial: taken.partial });
    case 'confirm':
    case 'release': {
      const reservation = reservations[taken.which % Math.max(1, reservations.length)];
      if (!reservation) return undefined;
      return taken.do === 'confirm'
        ? { type: 'confirm', reservationId: reservation.id, orderExternalId: undefined }
        : { type: 'release', reservationId: reservation.id, reason: undefined };
    }
    case 'count':
      return {
        type: 'adjust',
        node: taken.node,
        reason: 'count',
        externalEventId: undefined,
        lines: [{ sku: 'A', counted: taken.quantity }],
      };
    case 'receive':
      return {
        type: 'restock',
        node: taken.node,
        reason: RestockReason.RECEIPT,
        externalEventId: undefined,
        lines: [
          {
            sku: 'A',
            quantity: taken.quantity + 1,
            condition: StockCondition.SELLABLE,
            returnOf: undefined,
            inbound: undefined,
          },
        ],
      };
  }
}

function expectSound(stock: LockedStock, balance: LockedBalance, reservations: LockedReservation[]): void {
  const { onHand, allocated, confirmed, held, unbacked } = balance;
  expect(Math.min(onHand, allocated, confirmed, held, unbacked)).toBeGreaterThanOrEqual(0);
  expect(allocated + confirmed + held).toBeLessThanOrEqual(onHand + unbacked);
  // Whoever lacks goods comes first: nothing is free while a promise is without them.
  if (unbacked > 0) expect(free({ ...balance, expired: 0 })).toBe(0);

  const fold = (counter: string) =>
    stock.movements
      .filter((row) => row.counter === (counter as StockCounter))
      .reduce((sum, row) => sum + row.delta, 0);
  expect({ onHand, confirmed, held, unbacked }).toEqual({
    onHand: fold('ON_HAND'),
    confirmed: fold('CONFIRMED'),
    held: fold('HELD'),
    unbacked: fold('UNBACKED'),
  });
  const lines = reservations.flatMap((reservation) => reservation.lines);
  const sum = (of: (line: (typeof lines)[number]) => number) =>
    lines.reduce((total, line) => total + of(line), 0);
  const live = (line: (typeof lines)[number]) => line.reserved - line.released - line.shipped;
  expect(sum((line) => (line.holdExpiresAt ? live(line) : 0))).toBe(held);
  expect(sum((line) => (line.holdExpiresAt ? 0 : live(line)))).toBe(confirmed);
  expect(sum((line) => line.unbacked)).toBe(unbacked);
}

test('random commands: never oversold, counters = fold of the ledger = sums over live lines', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { stock, balance } = emptyStock();
      for (const taken of steps) {
        const reservations = [...stock.newReservations];
        const command = commandOf(taken, reservations);
        if (!command) continue;
        const before = free({ ...balance, expired: 0 });
        const decision = decide(stock, submission(command));
        if ('outcome' in decision && decision.outcome.type === 'Reservation' && command.type === 'reserve')
          expect(decision.outcome.lines.reduce((sum, line) => sum + line.quantity, 0)).toBeLessThanOrEqual(
            before,
          );
        expectSound(stock, balance, [...stock.newReservations]);
      }
    }),
    { numRuns: 300 },
  );
});
