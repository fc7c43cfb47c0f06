import type { Actor } from '../../platform/access.ts';
import { HubError } from '../../platform/errors.ts';
import { ReservationState, StockCounter } from '../stock.enums.ts';
import type { Cancel, ReservationCommandOutcome } from './command.ts';
import { movePromise, opposite } from './dated-units.ts';
import { enter, notOpen, ownReservation } from './decide-reservation-command.ts';
import {
  describeReservation,
  live,
  openUnits,
  type Cause,
  type LockedLine,
  type LockedReservation,
  type LockedStock,
} from './locked-stock.ts';
import { stateAfter } from './reservation-state.ts';
import { backWithNewUnits, lack } from './shortfall.ts';

const cancellable = new Set([ReservationState.CONFIRMED, ReservationState.ALLOCATED]);

/**
 * Cancels units of a paid reservation that have not left a node: all of them, or of the lines named. What nodes have
 * not been given yet goes first. @throws HubError QUANTITY_OUT_OF_RANGE when more is named than can be cancelled
 */
export function decideCancel(stock: LockedStock, command: Cancel, actor: Actor): ReservationCommandOutcome {
  const reservation = ownReservation(stock, command.reservationId, actor);
  if (!cancellable.has(reservation.state)) return notOpen(reservation);
  const cause = { cause: 'CANCEL', actor: actor.name, reservationId: reservation.id };
  for (const [line, units] of unitsToCancel(reservation, command)) {
    line.cancelled += units;
    cancelUnits(stock, reservation, line, units, cause);
  }
  enter(stock, reservation, stateAfter(reservation), actor, command.reason ?? null);
  return describeReservation(reservation);
}

function unitsToCancel(reservation: LockedReservation, { lines }: Cancel): Map<LockedLine, number> {
  if (lines === undefined) return new Map(reservation.lines.map((line) => [line, live(line)]));
  const units = new Map<LockedLine, number>();
  for (const { sku, quantity } of lines) {
    let left = quantity;
    for (const line of reservation.lines.filter((candidate) => candidate.sku === sku)) {
      const taken = Math.min(left, live(line) - (units.get(line) ?? 0));
      units.set(line, (units.get(line) ?? 0) + taken);
      left -= taken;
    }
    if (left > 0)
      throw new HubError(
        'QUANTITY_OUT_OF_RANGE',
        `Of ${sku} ${quantity - left} can still be cancelled in this reservation, not ${quantity}.`,
        { sku, cancellable: quantity - left },
      );
  }
  return units;
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
  lack(stock, reservation, line, -unbacked, 'CANCEL', cause.actor);
  backWithNewUnits(stock, sku, pool, ofToday - unbacked, cause.actor);
}
