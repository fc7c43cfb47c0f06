import { ReservationState } from '../stock.enums.ts';
import { live, type LockedReservation } from './locked-stock.ts';

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
