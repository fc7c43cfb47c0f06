import { enter } from './reservation-state.ts';
import { ReservationState, StockCounter } from '../../model/stock.enums.ts';
import { movePromise, opposite, promisedUnits } from './dated-units.ts';
import { type LockedStock } from '../state/locked-stock.ts';

import { promiseBreach } from '../review-tasks/promise-breach.ts';
import { live, type LockedLine, type LockedReservation } from '../state/locked-rows.ts';

/**
 * Before `lost` units leave a balance: releases held lines, newest first, and then marks confirmed ones as unbacked,
 * newest first, until what is promised no longer exceeds what will be there.
 */
export function coverShortfall(
  stock: LockedStock,
  sku: string,
  pool: string,
  lost: number,
  actor: string,
): void {
  const balance = stock.balance(sku, pool)!;
  const deficit = () =>
    balance.allocated + balance.confirmed + balance.held - (balance.onHand - lost + balance.unbacked);
  releaseHeldLines(stock, sku, pool, deficit, actor);
  const units = deficit();
  if (units <= 0) return;
  markUnbacked(stock, sku, pool, units, actor);
  stock.tasks.push(promiseBreach(sku, pool, units));
}

function releaseHeldLines(
  stock: LockedStock,
  sku: string,
  pool: string,
  deficit: () => number,
  actor: string,
): void {
  for (const { reservation, line } of stock.linesOf(sku, pool)) {
    if (deficit() <= 0) return;
    if (line.holdExpiresAt === null) continue;
    const units = promisedUnits(line);
    if (units.now === 0) continue; // its day is another, and so are its goods
    const cause = { cause: 'SHORTFALL_RELEASE', actor, reservationId: reservation.id };
    movePromise(stock, line, 'held', opposite(units), cause);
    line.released += units.now + units.later;
    line.holdExpiresAt = null;
    stock.change(reservation, line);
    const ended = reservation.lines.every((other) => live(other) === 0);
    const state = ended ? ReservationState.RELEASED : reservation.state;
    enter(stock, reservation, state, { name: actor }, `shortfall of ${sku}`);
  }
}

/** Which promises are without goods: the newest. */
function markUnbacked(stock: LockedStock, sku: string, pool: string, units: number, actor: string): void {
  let left = units;
  for (const { reservation, line } of stock.linesOf(sku, pool)) {
    if (left === 0) return;
    if (line.holdExpiresAt !== null) continue;
    const marked = Math.min(left, live(line) - line.dated - line.unbacked);
    if (marked <= 0) continue;
    adjustUnbacked(stock, reservation, line, marked, 'SHORTFALL', actor);
    left -= marked;
  }
}

/** New units back the oldest unbacked promises first; only what is left of them is free. */
export function backWithNewUnits(
  stock: LockedStock,
  sku: string,
  pool: string,
  units: number,
  actor: string,
): void {
  let left = Math.min(units, stock.balance(sku, pool)!.unbacked);
  for (const { reservation, line } of stock.linesOf(sku, pool).toReversed()) {
    if (left === 0) return;
    const backed = Math.min(left, line.unbacked);
    if (backed === 0) continue;
    adjustUnbacked(stock, reservation, line, -backed, 'BACK', actor);
    left -= backed;
  }
}

/** Changes how many units of a line are without goods. */
export function adjustUnbacked(
  stock: LockedStock,
  reservation: LockedReservation,
  line: LockedLine,
  delta: number,
  cause: string,
  actor: string,
): void {
  stock.move(line.sku, line.pool, StockCounter.UNBACKED, delta, {
    cause,
    actor,
    reservationId: reservation.id,
  });
  line.unbacked += delta;
  stock.change(reservation, line);
}
