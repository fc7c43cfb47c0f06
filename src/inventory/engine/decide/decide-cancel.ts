import { cancelUnits, unitsToFree } from '../steps/cancel-units.ts';
import type { Actor } from '../../../platform/api/actor.ts';
import { HubError } from '../../../platform/errors.ts';
import { ReservationState } from '../../model/stock.enums.ts';
import type { Cancel, ReservationCommandOutcome } from '../command.ts';
import { notOpen, ownReservation } from './decide-reservation-command.ts';
import { type LockedStock } from '../state/locked-stock.ts';
import { enter, stateAfter } from '../steps/reservation-state.ts';
import { describeReservation, type LockedLine, type LockedReservation } from '../state/locked-rows.ts';

const cancellable = new Set([ReservationState.CONFIRMED, ReservationState.ALLOCATED]);

/**
 * Cancels units of a paid reservation that have not left a node: all of them, or of the lines named. What nodes have
 * not been given yet goes first. Units whose money went back before are free already, and not freed again. @throws HubError QUANTITY_OUT_OF_RANGE when more is named than can be cancelled
 */
export function decideCancel(stock: LockedStock, command: Cancel, actor: Actor): ReservationCommandOutcome {
  const reservation = ownReservation(stock, command.reservationId, actor);
  if (!cancellable.has(reservation.state)) return notOpen(reservation);
  const cause = { cause: 'CANCEL', actor: actor.name, reservationId: reservation.id };
  for (const [line, units] of unitsToCancel(reservation, command)) {
    line.cancelled += units;
    cancelUnits(stock, reservation, line, unitsToFree(line), cause);
  }
  enter(stock, reservation, stateAfter(reservation), actor, command.reason ?? null);
  return describeReservation(reservation);
}

function unitsToCancel(reservation: LockedReservation, { lines }: Cancel): Map<LockedLine, number> {
  if (lines === undefined) return new Map(reservation.lines.map((line) => [line, uncancelled(line)]));
  const units = new Map<LockedLine, number>();
  for (const { sku, quantity } of lines) {
    let left = quantity;
    for (const line of reservation.lines.filter((candidate) => candidate.sku === sku)) {
      const taken = Math.min(left, uncancelled(line) - (units.get(line) ?? 0));
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

/** Units that have neither left nor been called off, whether or not they are free already. */
function uncancelled(line: LockedLine): number {
  return Math.max(0, line.reserved - line.shipped - line.cancelled);
}
