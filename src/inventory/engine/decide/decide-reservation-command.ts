import type { Actor } from '../../../platform/api/actor.ts';
import { HubError } from '../../../platform/errors.ts';
import { requireOwnChannel } from '../../catalogue/require-own-channel.ts';
import { MAX_HOLD_SECONDS } from '../../model/limits.ts';
import { ReservationState } from '../../model/stock.enums.ts';
import type { Confirm, Extend, NotOpenOutcome, Release, ReservationCommandOutcome } from '../command.ts';
import { movePromise, opposite, promisedUnits } from '../steps/dated-units.ts';
import { type LockedStock } from '../state/locked-stock.ts';
import { enter, orderOf } from '../steps/reservation-state.ts';
import { chargeEarlierRefunds } from '../steps/apply-refunds-and-returns.ts';
import { describeReservation, type LockedReservation } from '../state/locked-rows.ts';

/** Paid: what was held is promised for good. */
export function decideConfirm(stock: LockedStock, command: Confirm, actor: Actor): ReservationCommandOutcome {
  const reservation = ownReservation(stock, command.reservationId, actor);
  if (reservation.state !== ReservationState.HELD) return notOpen(reservation);
  confirmHeld(stock, reservation, command.orderExternalId, actor);
  const skus = new Set(reservation.lines.map(({ sku }) => sku));
  chargeEarlierRefunds(stock, orderOf(reservation), skus, actor);
  return describeReservation(reservation);
}

/** Not paid, or given up: the units are free again. */
export function decideRelease(stock: LockedStock, command: Release, actor: Actor): ReservationCommandOutcome {
  const reservation = ownReservation(stock, command.reservationId, actor);
  if (reservation.state !== ReservationState.HELD) return notOpen(reservation);
  releaseHeld(stock, reservation, actor, command.reason ?? null);
  return describeReservation(reservation);
}

export function confirmHeld(
  stock: LockedStock,
  reservation: LockedReservation,
  orderExternalId: string | undefined,
  actor: Actor,
): void {
  for (const line of reservation.lines) {
    const units = promisedUnits(line);
    const cause = { cause: 'CONFIRM', actor: actor.name, reservationId: reservation.id };
    movePromise(stock, line, 'held', opposite(units), cause);
    movePromise(stock, line, 'confirmed', units, cause);
    line.holdExpiresAt = null;
    stock.change(reservation, line);
  }
  reservation.orderExternalId = orderExternalId ?? reservation.orderExternalId;
  enter(stock, reservation, ReservationState.CONFIRMED, actor, null);
}

export function releaseHeld(
  stock: LockedStock,
  reservation: LockedReservation,
  actor: Actor,
  reason: string | null,
): void {
  for (const line of reservation.lines) {
    const units = promisedUnits(line);
    const cause = { cause: 'RELEASE', actor: actor.name, reservationId: reservation.id };
    movePromise(stock, line, 'held', opposite(units), cause);
    line.released += units.now + units.later;
    line.holdExpiresAt = null;
    stock.change(reservation, line);
  }
  enter(stock, reservation, ReservationState.RELEASED, actor, reason);
}

/** Holds on until `ttlSeconds` from now, never beyond the longest hold from its creation; never ends it earlier. */
export function decideExtend(stock: LockedStock, command: Extend, actor: Actor): ReservationCommandOutcome {
  const reservation = ownReservation(stock, command.reservationId, actor);
  if (reservation.state !== ReservationState.HELD) return notOpen(reservation);
  const latest = reservation.createdAt.getTime() + MAX_HOLD_SECONDS * 1000;
  const wanted = stock.now.getTime() + command.ttlSeconds * 1000;
  if (wanted > latest) {
    const most = Math.floor((latest - stock.now.getTime()) / 1000);
    throw new HubError(
      'TTL_OUT_OF_RANGE',
      `A hold lasts at most ${MAX_HOLD_SECONDS} seconds from its creation; this one can be extended by ttlSeconds ${most}.`,
      { maxTtlSeconds: most },
    );
  }
  reservation.expiresAt = new Date(Math.max(reservation.expiresAt.getTime(), wanted));
  for (const line of reservation.lines.filter(({ holdExpiresAt }) => holdExpiresAt !== null)) {
    line.holdExpiresAt = reservation.expiresAt;
    stock.change(reservation, line);
    // Readers may have seen the old instant pass while this was being decided: the number has a new version.
    stock.touch(line.sku, line.pool);
  }
  enter(stock, reservation, ReservationState.HELD, actor, 'extended');
  return describeReservation(reservation);
}

/** @throws HubError RESERVATION_NOT_FOUND also for another partner's; FORBIDDEN when the key is another channel's */
export function ownReservation(stock: LockedStock, id: string, actor: Actor): LockedReservation {
  const reservation = stock.reservation(id);
  if (!reservation || (!actor.admin && reservation.partner !== actor.partner))
    throw new HubError('RESERVATION_NOT_FOUND', `You have no reservation ${id}.`);
  requireOwnChannel(actor, reservation.channel);
  return reservation;
}

export function notOpen(reservation: LockedReservation): NotOpenOutcome {
  return { type: 'ReservationNotOpen', reservationId: reservation.id, state: reservation.state };
}
