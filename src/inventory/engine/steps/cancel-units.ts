import { StockCounter } from '../../model/stock.enums.ts';
import { movePromise, opposite } from './dated-units.ts';
import { type LockedStock } from '../state/locked-stock.ts';
import { backWithNewUnits, adjustUnbacked } from './shortfall.ts';
import { openUnits, type Cause, type LockedLine, type LockedReservation } from '../state/locked-rows.ts';

/** The units of a paid line to free beyond those already free: min(q − s, max(c, r)) is (semantics.md §1). */
export function unitsToFree(line: LockedLine): number {
  const released = Math.min(line.reserved - line.shipped, Math.max(line.cancelled, line.refunded));
  return Math.max(0, released - line.released);
}

/** Frees units of a line; those that are real go first to promises that lack goods. */
export function cancelUnits(
  stock: LockedStock,
  reservation: LockedReservation,
  line: LockedLine,
  units: number,
  cause: Cause,
): void {
  const { sku, pool } = line;
  const later = Math.min(units, line.dated);
  const now = Math.min(units - later, openUnits(line));
  movePromise(stock, line, 'confirmed', opposite({ now, later }), cause);
  let fromNodes = units - later - now;
  for (const allocation of line.allocations) {
    const given = Math.min(fromNodes, allocation.allocated);
    stock.move(sku, pool, StockCounter.ALLOCATED, -given, { ...cause, node: allocation.node });
    allocation.allocated -= given;
    line.allocated -= given;
    fromNodes -= given;
  }
  line.released += units;
  stock.change(reservation, line);
  const ofToday = units - later;
  const unbacked = Math.min(ofToday, line.unbacked);
  adjustUnbacked(stock, reservation, line, -unbacked, 'CANCEL', cause.actor);
  backWithNewUnits(stock, sku, pool, ofToday - unbacked, cause.actor);
}
