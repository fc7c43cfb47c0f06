import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '../../platform/access.ts';
import { HubError } from '../../platform/errors.ts';
import { ReservationState, StockCounter } from '../stock.enums.ts';
import type { Reserve, ReserveOutcome, Shortage } from './command.ts';
import {
  describeReservation,
  untouchedLine,
  type ChannelPolicy,
  type LockedLine,
  type LockedReservation,
  type LockedStock,
} from './locked-stock.ts';
import { requireSkus } from './require.ts';

/** Holds the lines for a time if there is enough of every SKU, or, on request, as much as there is. */
export function decideReserve(stock: LockedStock, command: Reserve, actor: Actor): ReserveOutcome {
  const channel = stock.channels.get(command.channel);
  if (!channel) throw new HubError('UNKNOWN_CHANNEL', `There is no channel ${command.channel}.`);
  const pool = command.pool ?? channel.pool;
  if (!stock.pools.has(pool)) throw new HubError('UNKNOWN_POOL', `There is no pool ${pool}.`);
  requireSkus(stock, command.lines);

  const requested = sumBySku(command);
  const shortages = shortagesOf(stock, command, requested, pool);
  stock.shortages.push(...shortages.map((shortage) => ({ shortage, pool })));
  const takesNothing = [...requested.keys()].every((sku) => availableTo(stock, command, sku, pool) === 0);
  if (shortages.length > 0 && (!command.partial || takesNothing))
    return { type: 'InsufficientStock', shortages };

  const reservation = heldReservation(stock, command, channel, pool, actor);
  reservation.shortages = shortages;
  stock.add(reservation);
  for (const line of reservation.lines)
    stock.move(line.sku, pool, StockCounter.HELD, line.reserved, {
      cause: 'RESERVE',
      actor: actor.name,
      reservationId: reservation.id,
    });
  return describeReservation(reservation);
}

/** Lines of one SKU share its stock, so they are decided together. */
function sumBySku(command: Reserve): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of command.lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
}

function availableTo(
  stock: LockedStock,
  { channel, useSafetyBuffer }: Reserve,
  sku: string,
  pool: string,
): number {
  return stock.available(sku, pool, channel, useSafetyBuffer);
}

function shortagesOf(
  stock: LockedStock,
  command: Reserve,
  requested: Map<string, number>,
  pool: string,
): Shortage[] {
  return [...requested]
    .map(([sku, units]) => ({
      sku,
      requested: units,
      available: availableTo(stock, command, sku, pool),
      availableOn: null,
    }))
    .filter((shortage) => shortage.available < shortage.requested);
}

export function heldReservation(
  stock: LockedStock,
  command: Reserve,
  channel: ChannelPolicy,
  pool: string,
  actor: Actor,
): LockedReservation {
  const ttlSeconds = command.ttlSeconds ?? channel.holdTtlSeconds;
  const expiresAt = new Date(stock.now.getTime() + ttlSeconds * 1000);
  return {
    id: uuidv7(),
    partner: actor.partner,
    channel: command.channel,
    pool,
    reference: command.reference,
    orderExternalId: null,
    state: ReservationState.HELD,
    createdAt: stock.now,
    expiresAt,
    shortages: [],
    events: [{ at: stock.now.toISOString(), state: ReservationState.HELD, actor: actor.name, reason: null }],
    lines: linesToTake(stock, command, pool, expiresAt),
  };
}

/** Per input line, in order: all of it, or of PARTIAL what the lines before it have left. */
function linesToTake(stock: LockedStock, command: Reserve, pool: string, holdExpiresAt: Date): LockedLine[] {
  const left = new Map(command.lines.map(({ sku }) => [sku, availableTo(stock, command, sku, pool)]));
  const promisedOn = stock.today(pool);
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
        promisedOn,
        reserved,
        holdExpiresAt,
        allocations: [],
      },
    ];
  });
}
