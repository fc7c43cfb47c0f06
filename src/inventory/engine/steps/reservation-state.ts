import type { Actor } from '../../../platform/api/actor.ts';
import { ReservationState } from '../../model/stock.enums.ts';
import type { OrderOfChannel } from '../state/order-facts.ts';
import { type LockedStock } from '../state/locked-stock.ts';
import { live, type LockedReservation } from '../state/locked-rows.ts';

const paidStates = new Set([
  ReservationState.CONFIRMED,
  ReservationState.ALLOCATED,
  ReservationState.FULFILLED,
  ReservationState.CANCELLED,
]);

/** The order that it was bound to, or made under. */
export function orderOf({ channel, orderExternalId, reference }: LockedReservation): OrderOfChannel {
  return { channel, orderExternalId: orderExternalId ?? reference };
}

/** Whether its units were promised for good, whatever became of them. */
export function isPaid({ state }: LockedReservation): boolean {
  return paidStates.has(state);
}

/**
 * The state of a paid reservation follows from the quantities of its lines: FULFILLED or CANCELLED when nothing is
 * left to ship, ALLOCATED when all that is left is at nodes, else CONFIRMED.
 */
export function stateAfter({ lines }: LockedReservation): ReservationState {
  const left = lines.reduce((sum, line) => sum + live(line), 0);
  const allocated = lines.reduce((sum, line) => sum + line.allocated, 0);
  const shipped = lines.reduce((sum, line) => sum + line.shipped, 0);
  if (left === 0) return shipped > 0 ? ReservationState.FULFILLED : ReservationState.CANCELLED;
  return allocated === left ? ReservationState.ALLOCATED : ReservationState.CONFIRMED;
}

/** Puts a reservation into a state, and says so in its events. */
export function enter(
  stock: LockedStock,
  reservation: LockedReservation,
  state: ReservationState,
  actor: Pick<Actor, 'name'>,
  reason: string | null,
): void {
  reservation.state = state;
  reservation.events = [
    ...reservation.events,
    { at: stock.now.toISOString(), state, actor: actor.name, reason },
  ];
  stock.change(reservation);
}
