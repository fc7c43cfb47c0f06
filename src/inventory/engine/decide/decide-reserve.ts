import type { Actor } from '../../../platform/api/actor.ts';
import { unknownError } from '../../../platform/unknown-error.ts';
import { newId } from '../../../platform/database/ids.ts';
import { ReservationState } from '../../model/stock.enums.ts';
import { openCampaign } from '../steps/campaign.ts';
import type { Reserve, ReserveOutcome, Shortage } from '../command.ts';
import { movePromise } from '../steps/dated-units.ts';
import { type LockedStock } from '../state/locked-stock.ts';
import { availabilityOffers, type AvailabilityOffer } from '../steps/availability-offer.ts';
import { requireSkus } from '../steps/require-skus.ts';
import {
  describeReservation,
  untouchedLine,
  type ChannelPolicy,
  type LockedLine,
  type LockedReservation,
} from '../state/locked-rows.ts';

/**
 * Holds the lines for a time if there is enough of every SKU, or, on request, as much as there is: of today's units, or
 * of those of a later day that the caller accepts.
 */
export function decideReserve(stock: LockedStock, command: Reserve, actor: Actor): ReserveOutcome {
  const channel = stock.channels.get(command.channel);
  if (!channel) throw unknownError('UNKNOWN_CHANNEL', command.channel);
  const pool = command.pool ?? channel.pool;
  if (!stock.pools.has(pool)) throw unknownError('UNKNOWN_POOL', pool);
  requireSkus(stock, command.lines);
  const campaign = openCampaign(stock, command, pool);

  const offers = availabilityOffers(stock, command, pool, campaign);
  const shortages = shortagesOf(stock, command.channel, pool, offers);
  const takesNothing = [...offers.values()].every(({ available }) => available === 0);
  if (shortages.length > 0 && (!command.partial || takesNothing))
    return { type: 'InsufficientStock', shortages };

  const reservation = heldReservation(stock, command, channel, pool, actor, offers);
  reservation.shortages = shortages;
  hold(stock, reservation, actor);
  return describeReservation(reservation);
}

function shortagesOf(
  stock: LockedStock,
  channel: string,
  pool: string,
  offers: ReadonlyMap<string, AvailabilityOffer>,
): Shortage[] {
  return [...offers.values()]
    .filter(({ available, requested }) => available < requested)
    .map(({ sku, requested, available, capped }) => {
      const shortage = { sku, requested, available, availableOn: null };
      if (!capped) stock.shortages.push({ shortage, pool, channel });
      return shortage;
    });
}

/** A reservation of what is offered; its units are not taken yet. */
export function heldReservation(
  stock: LockedStock,
  command: Reserve,
  channel: ChannelPolicy,
  pool: string,
  actor: Actor,
  offers: ReadonlyMap<string, AvailabilityOffer>,
): LockedReservation {
  const ttlSeconds = command.ttlSeconds ?? channel.holdTtlSeconds;
  const expiresAt = new Date(stock.now.getTime() + ttlSeconds * 1000);
  return {
    id: newId(),
    partner: actor.partner,
    channel: command.channel,
    pool,
    reference: command.reference,
    campaign: command.campaign ?? null,
    orderExternalId: null,
    state: ReservationState.HELD,
    createdAt: stock.now,
    expiresAt,
    shortages: [],
    events: [{ at: stock.now.toISOString(), state: ReservationState.HELD, actor: actor.name, reason: null }],
    lines: linesToTake(command, pool, expiresAt, offers),
  };
}

/** Holds the units of a new reservation. */
export function hold(stock: LockedStock, reservation: LockedReservation, actor: Actor): void {
  stock.add(reservation);
  const today = stock.today(reservation.pool);
  for (const line of reservation.lines) {
    const later = line.promisedOn > today ? line.reserved : 0;
    movePromise(
      stock,
      line,
      'held',
      { now: line.reserved - later, later },
      { cause: 'RESERVE', actor: actor.name, reservationId: reservation.id },
    );
  }
}

/** Per input line, in order: all of it, or of PARTIAL what the lines before it have left. */
function linesToTake(
  command: Reserve,
  pool: string,
  holdExpiresAt: Date,
  offers: ReadonlyMap<string, AvailabilityOffer>,
): LockedLine[] {
  const left = new Map([...offers.values()].map(({ sku, available }) => [sku, available]));
  return command.lines.flatMap(({ sku, quantity }, index) => {
    const reserved = Math.min(quantity, left.get(sku)!);
    left.set(sku, left.get(sku)! - reserved);
    if (reserved === 0) return [];
    return [
      {
        ...untouchedLine,
        lineNo: index + 1,
        sku,
        pool,
        promisedOn: offers.get(sku)!.promisedOn,
        reserved,
        holdExpiresAt,
        allocations: [],
      },
    ];
  });
}
