import type { Actor } from '../../../platform/api/actor.ts';
import { unknownError } from '../../../platform/unknown-error.ts';
import { newId } from '../../../platform/database/ids.ts';
import { channelOversold } from '../review-tasks/channel-oversold.ts';
import { ReservationState, StockCounter } from '../../model/stock.enums.ts';
import type { FulfilmentOutcome, RecordChannelOrder } from '../command.ts';
import { cancelUnits, unitsToFree } from '../steps/cancel-units.ts';
import { giveToNode, shipUnits } from './decide-fulfilment.ts';
import { confirmHeld, releaseHeld } from './decide-reservation-command.ts';
import { heldReservation, hold as takeHold } from './decide-reserve.ts';
import { type LockedStock } from '../state/locked-stock.ts';
import { availabilityOffers } from '../steps/availability-offer.ts';
import { requireSkus } from '../steps/require-skus.ts';
import { enter, isPaid, stateAfter } from '../steps/reservation-state.ts';
import { chargeEarlierRefunds, applyReturns } from '../steps/apply-refunds-and-returns.ts';
import { moveEarlier } from '../steps/settle-supply-plans.ts';
import { adjustUnbacked } from '../steps/shortfall.ts';
import {
  describeReservation,
  live,
  openUnits,
  untouchedLine,
  type ChannelPolicy,
  type LockedReservation,
} from '../state/locked-rows.ts';

/**
 * An order that its channel has taken already, so that it cannot be refused: unpaid it holds what there is, paid it is
 * promised in full, cancelled it frees what has not left, shipped it has left. A function of the order's state and of
 * what is kept for it, so that the same news twice changes nothing.
 */
export function decideChannelOrder(
  stock: LockedStock,
  command: RecordChannelOrder,
  actor: Actor,
): FulfilmentOutcome {
  const channel = stock.channels.get(command.channel);
  if (!channel) throw unknownError('UNKNOWN_CHANNEL', command.channel);
  requireSkus(stock, command.lines);
  const known = stock.reservationsOf(command.channel, command.orderExternalId);
  switch (command.event) {
    case 'HOLD':
      if (known.length === 0) hold(stock, command, channel, actor);
      break;
    case 'CONFIRM':
      promise(stock, command, channel, known, actor);
      chargeEarlierRefunds(stock, command, skusOf(command), actor);
      break;
    case 'CANCEL':
      for (const reservation of known) callOff(stock, reservation, actor);
      break;
    case 'SHIP':
      // What left before the hub knew of the order was never promised here: counts tell of it.
      if (known.length > 0) {
        promise(stock, command, channel, known, actor);
        chargeEarlierRefunds(stock, command, skusOf(command), actor);
        for (const reservation of stock.reservationsOf(command.channel, command.orderExternalId))
          shipAll(stock, command, reservation, actor);
      }
      for (const sku of skusOf(command)) applyReturns(stock, command, sku, known.length === 0, actor);
  }
  const reservations = stock.reservationsOf(command.channel, command.orderExternalId);
  return { type: 'Fulfilment', reservations: reservations.map(describeReservation) };
}

const skusOf = ({ lines }: RecordChannelOrder) => lines.map(({ sku }) => sku);

/** As much as the channel may still take; an unpaid order has no claim to the rest. */
function hold(stock: LockedStock, command: RecordChannelOrder, channel: ChannelPolicy, actor: Actor): void {
  const request = {
    type: 'reserve' as const,
    channel: command.channel,
    pool: undefined,
    reference: command.orderExternalId,
    lines: command.lines,
    ttlSeconds: undefined,
    partial: true,
  };
  const offers = availabilityOffers(stock, request, channel.pool);
  const reservation = heldReservation(stock, request, channel, channel.pool, actor, offers);
  if (reservation.lines.length === 0) return;
  reservation.shortages = command.lines.flatMap(({ sku, quantity }) => {
    const available = reservation.lines.find((line) => line.sku === sku)?.reserved ?? 0;
    return available < quantity ? [{ sku, requested: quantity, available, availableOn: null }] : [];
  });
  takeHold(stock, reservation, actor);
}

/** Makes what is promised to the order what the order says: holds are confirmed, the rest is added or called off. */
function promise(
  stock: LockedStock,
  command: RecordChannelOrder,
  channel: ChannelPolicy,
  known: LockedReservation[],
  actor: Actor,
): void {
  for (const reservation of known)
    if (reservation.state === ReservationState.HELD)
      confirmHeld(stock, reservation, command.orderExternalId, actor);
  const paid = known.filter(isPaid);
  const missing = command.lines.flatMap(({ sku, quantity }) => {
    const units = quantity - promisedTo(paid, sku);
    return units > 0 ? [{ sku, units }] : [];
  });
  for (const reservation of paid) dropSurplus(stock, command, reservation, paid, actor);
  if (missing.length > 0) addPromise(stock, command, channel, missing, actor);
}

/** Units that were ever promised to a paid order: what was called off later stays called off. */
function promisedTo(reservations: LockedReservation[], sku: string): number {
  return reservations
    .flatMap(({ lines }) => lines)
    .filter((line) => line.sku === sku)
    .reduce(
      (sum, line) =>
        sum +
        line.reserved -
        line.released +
        Math.min(line.released, Math.max(line.cancelled, line.refunded)),
      0,
    );
}

/** The order names fewer units than before: the channel has called some off. */
function dropSurplus(
  stock: LockedStock,
  command: RecordChannelOrder,
  reservation: LockedReservation,
  paid: LockedReservation[],
  actor: Actor,
): void {
  const cause = { cause: 'CANCEL', actor: actor.name, reservationId: reservation.id };
  let dropped = 0;
  for (const line of reservation.lines) {
    const ordered = command.lines.find(({ sku }) => sku === line.sku)?.quantity ?? 0;
    const calledOff = paid
      .flatMap(({ lines }) => lines)
      .filter(({ sku }) => sku === line.sku)
      .reduce((sum, { cancelled }) => sum + cancelled, 0);
    const surplus = Math.min(live(line), promisedTo(paid, line.sku) - calledOff - ordered);
    if (surplus <= 0) continue;
    cancelUnits(stock, reservation, line, surplus, cause);
    dropped += surplus;
  }
  if (dropped > 0) enter(stock, reservation, stateAfter(reservation), actor, 'the order names fewer units');
}

/** Promises units for good; what the channel could not sell is promised without goods, and told to a person. */
function addPromise(
  stock: LockedStock,
  command: RecordChannelOrder,
  channel: ChannelPolicy,
  missing: readonly { sku: string; units: number }[],
  actor: Actor,
): void {
  const { pool } = channel;
  const state = ReservationState.CONFIRMED;
  const reservation: LockedReservation = {
    id: newId(),
    partner: actor.partner,
    channel: command.channel,
    pool,
    reference: command.orderExternalId,
    campaign: null,
    orderExternalId: command.orderExternalId,
    state,
    createdAt: stock.now,
    expiresAt: stock.now,
    shortages: [],
    events: [{ at: stock.now.toISOString(), state, actor: actor.name, reason: 'paid in its channel' }],
    lines: missing.map(({ sku, units }, index) => ({
      ...untouchedLine,
      lineNo: index + 1,
      sku,
      pool,
      promisedOn: stock.today(pool),
      reserved: units,
      holdExpiresAt: null,
      allocations: [],
    })),
  };
  const free = new Map(missing.map(({ sku }) => [sku, stock.available(sku, pool, command.channel)]));
  stock.add(reservation);
  for (const line of reservation.lines) {
    line.oversold = Math.max(0, line.reserved - free.get(line.sku)!);
    const cause = { cause: 'ORDER', actor: actor.name, reservationId: reservation.id };
    adjustUnbacked(stock, reservation, line, line.oversold, 'OVERSOLD', actor.name);
    stock.move(line.sku, pool, StockCounter.CONFIRMED, line.reserved, cause);
  }
  const oversold = reservation.lines.filter((line) => line.oversold > 0);
  if (oversold.length > 0)
    stock.tasks.push(
      channelOversold(
        command,
        oversold.map((line) => ({ sku: line.sku, units: line.oversold })),
      ),
    );
}

function callOff(stock: LockedStock, reservation: LockedReservation, actor: Actor): void {
  const reason = 'cancelled in its channel';
  if (reservation.state === ReservationState.HELD) return releaseHeld(stock, reservation, actor, reason);
  if (!isPaid(reservation)) return;
  const open = reservation.lines.filter((line) => live(line) > 0);
  for (const line of open) {
    line.cancelled = line.reserved - line.shipped;
    cancelUnits(stock, reservation, line, unitsToFree(line), {
      cause: 'CANCEL',
      actor: actor.name,
      reservationId: reservation.id,
    });
  }
  if (open.length > 0) enter(stock, reservation, stateAfter(reservation), actor, reason);
}

/** All that is left of it has gone out: from the nodes that had it, else from those that the command names. */
function shipAll(
  stock: LockedStock,
  command: RecordChannelOrder,
  reservation: LockedReservation,
  actor: Actor,
): void {
  const open = isPaid(reservation) ? reservation.lines.filter((line) => live(line) > 0) : [];
  for (const line of open) {
    moveEarlier(stock, reservation, line, actor.name);
    for (const { node, units } of sharesOf(command, line.sku, openUnits(line)))
      giveToNode(stock, reservation, line, node, units, actor);
    for (const allocation of line.allocations.filter(({ allocated }) => allocated > 0))
      shipUnits(
        stock,
        { reservation, line, allocation, units: allocation.allocated },
        allocation.node,
        actor,
      );
  }
  if (open.length > 0) enter(stock, reservation, stateAfter(reservation), actor, 'shipped by its channel');
}

/** Which nodes the units have left: as many as they are said to have each, the rest by the first. */
function sharesOf(
  { shipFrom }: RecordChannelOrder,
  sku: string,
  units: number,
): { node: string; units: number }[] {
  const nodes = shipFrom.filter((candidate) => candidate.sku === sku);
  const shares: { node: string; units: number }[] = [];
  let left = units;
  for (const { node, quantity } of nodes) {
    const taken = Math.min(left, quantity);
    if (taken > 0) shares.push({ node, units: taken });
    left -= taken;
  }
  if (left > 0 && nodes.length > 0) {
    const first = shares.find(({ node }) => node === nodes[0]!.node);
    if (first) first.units += left;
    else shares.unshift({ node: nodes[0]!.node, units: left });
  }
  return shares;
}
