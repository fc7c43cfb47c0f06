import type { Actor } from '../../../platform/api/actor.ts';
import { receiveUnits } from './receive-units.ts';
import { cancelUnits, unitsToFree } from './cancel-units.ts';
import { type LockedStock } from '../state/locked-stock.ts';
import type { OrderOfChannel, PendingReturn } from '../state/order-facts.ts';
import { enter, isPaid, stateAfter } from './reservation-state.ts';
import { live, type LockedLine, type LockedReservation } from '../state/locked-rows.ts';

/**
 * Restock conservation (semantics.md §1): of q units ordered, s shipped, c called off, r refunded and b come back,
 * min(q − s, max(c, r)) are free and min(s, b) are back, whatever the order in which this became known. Whoever takes
 * in a fact settles its order again: each new fact moves the counters by the difference.
 */

/** Units that the order keeps, by line; none where it left before the hub knew of it. */
function keptLines(stock: LockedStock, { channel, orderExternalId }: OrderOfChannel, sku: string) {
  return stock
    .reservationsOf(channel, orderExternalId)
    .filter(isPaid)
    .flatMap((reservation) =>
      reservation.lines.filter((line) => line.sku === sku).map((line) => ({ reservation, line })),
    );
}

/** Units that have been shipped, or may have been without the news of it having come. */
export function mayHaveLeft(
  stock: LockedStock,
  order: OrderOfChannel & { shipped: number },
  sku: string,
): number {
  const own = keptLines(stock, order, sku);
  if (own.length === 0) return order.shipped;
  return own.reduce((sum, { line }) => sum + line.shipped + live(line), 0);
}

/**
 * Puts refunds that no line has been charged with on the order's paid lines: on units that are free already, then on
 * those that have not left, which are freed, then on shipped ones.
 * @returns how many were put on shipped units
 */
export function applyRefunds(
  stock: LockedStock,
  order: OrderOfChannel,
  sku: string,
  cause: { actor: Actor; restockId?: string },
): number {
  const own = keptLines(stock, order, sku);
  const { refunded, chargedElsewhere } = stock.orders.of(order, sku);
  let left = refunded - chargedElsewhere - own.reduce((sum, { line }) => sum + line.refunded, 0);
  let shipped = 0;
  for (const capacity of [freed, unshipped, anyUnit])
    for (const { reservation, line } of own) {
      const units = Math.min(left, capacity(line));
      if (units <= 0) continue;
      left -= units;
      if (capacity === anyUnit) shipped += units;
      attributeRefund(stock, reservation, line, units, cause);
    }
  return shipped;
}

/** Money that went back before the order was known to be paid: what is promised now is charged with it. */
export function chargeEarlierRefunds(
  stock: LockedStock,
  order: OrderOfChannel,
  skus: Iterable<string>,
  actor: Actor,
): void {
  for (const sku of skus) applyRefunds(stock, order, sku, { actor });
  for (const reservation of stock.reservationsOf(order.channel, order.orderExternalId))
    if (isPaid(reservation) && reservation.state !== stateAfter(reservation))
      enter(stock, reservation, stateAfter(reservation), actor, 'refunded before');
}

function attributeRefund(
  stock: LockedStock,
  reservation: LockedReservation,
  line: LockedLine,
  units: number,
  { actor, restockId }: { actor: Actor; restockId?: string },
): void {
  line.refunded += units;
  stock.change(reservation, line);
  cancelUnits(stock, reservation, line, unitsToFree(line), {
    cause: 'REFUND',
    actor: actor.name,
    reservationId: reservation.id,
    ...(restockId === undefined ? {} : { restockId }),
  });
}

const freed = (line: LockedLine) => Math.max(0, line.released - line.refunded);
const unshipped = (line: LockedLine) => Math.max(0, live(line));
const anyUnit = (line: LockedLine) => Math.max(0, line.reserved - line.refunded);

/**
 * Counts what has come back of the order, as far as it had been shipped.
 * @param leftBefore the order left before the hub knew of it, whole
 */
export function applyReturns(
  stock: LockedStock,
  order: OrderOfChannel,
  sku: string,
  leftBefore: boolean,
  actor: Actor,
): void {
  const waiting = stock.orders.uncounted(order, sku);
  if (waiting.length === 0) return;
  const own = keptLines(stock, order, sku);
  const { returned, shippedElsewhere } = stock.orders.of(order, sku);
  const ownShipped = own.reduce((sum, { line }) => sum + line.shipped, 0);
  const shipped = own.length === 0 && leftBefore ? Infinity : ownShipped + shippedElsewhere;
  const uncounted = waiting.reduce((sum, { quantity, counted }) => sum + quantity - counted, 0);
  let capacity = shipped - (returned - uncounted);
  for (const back of waiting) {
    const units = Math.min(capacity, back.quantity - back.counted);
    if (units <= 0) continue;
    capacity -= units;
    countBack(stock, back, units, actor);
  }
}

function countBack(stock: LockedStock, back: PendingReturn, units: number, actor: Actor): void {
  const { pool, node, restockId, reason, orderLineId } = back;
  stock.orders.count(back, units);
  const expected = stock.supplies.find((supply) => supply.externalId === orderLineId && supply.pool === pool);
  receiveUnits(stock, back, units, expected, { cause: reason, actor: actor.name, restockId, node });
}
