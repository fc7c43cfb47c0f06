import { ReservationState, StockCounter } from '../stock.enums.ts';
import { enter } from './decide-reservation-command.ts';
import { live, type Cause, type LockedStock } from './locked-stock.ts';

/**
 * Before `lost` units leave a balance: releases held lines, newest first, and then marks confirmed ones as unbacked,
 * newest first, until what is promised no longer exceeds what will be there.
 * @returns the units to add to the balance's `unbacked`
 */
export function coverShortfall(stock: LockedStock, sku: string, pool: string, lost: number, cause: Cause): number {
  const balance = stock.balance(sku, pool)!;
  const deficit = () =>
    balance.allocated + balance.confirmed + balance.held - (balance.onHand - lost + balance.unbacked);
  releaseHeldLines(stock, sku, pool, deficit, cause);
  const unbacked = Math.max(0, deficit());
  markUnbacked(stock, sku, pool, unbacked);
  return unbacked;
}

function releaseHeldLines(stock: LockedStock, sku: string, pool: string, deficit: () => number, cause: Cause): void {
  for (const { reservation, line } of stock.linesOf(sku, pool)) {
    if (deficit() <= 0) return;
    if (line.holdExpiresAt === null) continue;
    const units = live(line);
    stock.move(sku, pool, StockCounter.HELD, -units, {
      cause: 'SHORTFALL_RELEASE',
      actor: cause.actor,
      reservationId: reservation.id,
    });
    line.released += units;
    line.holdExpiresAt = null;
    const ended = reservation.lines.every((other) => live(other) === 0);
    enter(stock, reservation, ended ? ReservationState.RELEASED : reservation.state, { name: cause.actor }, `shortfall of ${sku}`);
  }
}

/** Which promises are without goods: the newest, of what has not left for a node yet, then of what has. */
export function markUnbacked(stock: LockedStock, sku: string, pool: string, units: number): void {
  let left = units;
  for (const { reservation, line } of stock.linesOf(sku, pool)) {
    if (left === 0) return;
    if (line.holdExpiresAt !== null) continue;
    const marked = Math.min(left, live(line) - line.unbacked);
    if (marked <= 0) continue;
    line.unbacked += marked;
    left -= marked;
    stock.change(reservation);
  }
}

/** New units back the oldest unbacked promises first; only what is left of them is free. */
export function backWithNewUnits(stock: LockedStock, sku: string, pool: string, units: number, cause: Cause): void {
  let left = Math.min(units, stock.balance(sku, pool)!.unbacked);
  stock.move(sku, pool, StockCounter.UNBACKED, -left, { ...cause, cause: 'BACK' });
  for (const { reservation, line } of stock.linesOf(sku, pool).toReversed()) {
    if (left === 0) return;
    const backed = Math.min(left, line.unbacked);
    if (backed === 0) continue;
    line.unbacked -= backed;
    left -= backed;
    stock.change(reservation);
  }
}
