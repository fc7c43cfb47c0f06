import type { Actor } from '../../../platform/api/actor.ts';
import { unknownError } from '../../../platform/unknown-error.ts';
import { newId } from '../../../platform/database/ids.ts';
import { addDays } from '../../model/day.ts';
import { StockCounter } from '../../model/stock.enums.ts';
import type { PhysicalOutcome, Refund, RefundLine } from '../command.ts';
import { describeRestock } from './decide-restock.ts';
import { knownFacts, scopeOfRefund } from '../steps/recorded-facts.ts';
import type { LockedStock } from '../state/locked-stock.ts';
import { requireSkus } from '../steps/require-skus.ts';
import { enter, isPaid, stateAfter } from '../steps/reservation-state.ts';
import { applyRefunds } from '../steps/apply-refunds-and-returns.ts';

/** When units whose money went back before they did are thought to be on the shelf again. */
const EXPECTED_RETURN_DAYS = 14;

/**
 * A settled refund (semantics.md §1, restock conservation): of q units ordered, s shipped, c called off and r refunded,
 * min(q − s, max(c, r)) are free. Units that were called off and then refunded are therefore freed once. Of shipped
 * units nothing comes back by money alone; with the policy EXPECTED_RETURN they are expected on a day to come. A
 * refund that is told before the payment is put on the order's lines when they are promised.
 */
export function decideRefund(stock: LockedStock, command: Refund, actor: Actor): PhysicalOutcome {
  const channel = stock.channels.get(command.channel);
  if (!channel) throw unknownError('UNKNOWN_CHANNEL', command.channel);
  requireSkus(stock, command.lines);
  const known = knownFacts(stock, command);
  const lines = command.lines.filter((line) => !known.has(scopeOfRefund(line)));
  if (lines.length === 0) return [...known.values()][0]!.restock;
  const excess = excessRefund(stock, lines);
  if (excess) return excess;

  const refundId = newId();
  const from = stock.movements.length;
  const reservations = stock.reservationsOf(command.channel, command.orderExternalId).filter(isPaid);
  for (const line of lines) refundLine(stock, command, line, channel.pool, refundId, actor);
  for (const reservation of reservations)
    if (stock.changedReservations.has(reservation))
      enter(stock, reservation, stateAfter(reservation), actor, `refund ${command.externalEventId}`);
  const movements = stock.movements.slice(from);
  const skus = [...new Set(movements.map(({ sku }) => sku))];
  const outcome = describeRestock(refundId, channel.pool, skus, movements);
  for (const line of lines) {
    const fact = {
      kind: 'REFUND',
      scope: scopeOfRefund(line),
      externalEventId: command.externalEventId,
      orderLineId: line.orderLineId,
      returnedQuantity: null,
      refundedQuantity: line.quantity,
    };
    stock.facts.push({ ...fact, restock: outcome });
    stock.newFacts.push({
      ...fact,
      id: newId(),
      restockId: refundId,
      channel: command.channel,
      orderExternalId: command.orderExternalId,
      sku: line.sku,
      reason: command.policy,
      settledAt: command.settledAt,
      sellableQuantity: null,
      actor: actor.name,
    });
  }
  return outcome;
}

/** Of an order line, no more units are refunded than were ordered, whatever the number of refunds. */
function excessRefund(stock: LockedStock, lines: RefundLine[]): PhysicalOutcome | undefined {
  for (const { orderLineId, sku, quantity, ordered } of lines) {
    const before = stock.facts
      .filter((fact) => fact.kind === 'REFUND' && fact.orderLineId === orderLineId)
      .reduce((sum, fact) => sum + (fact.refundedQuantity ?? 0), 0);
    if (before + quantity > ordered)
      return {
        type: 'RestockRefused',
        reason: `Of order line ${orderLineId} ${ordered} were ordered and ${ordered - before} can still be refunded.`,
        sku,
        restockable: ordered - before,
      };
  }
  return undefined;
}

function refundLine(
  stock: LockedStock,
  command: Refund,
  { orderLineId, sku, quantity }: RefundLine,
  channelPool: string,
  refundId: string,
  actor: Actor,
): void {
  stock.orders.of(command, sku).refunded += quantity;
  const onShipped = applyRefunds(stock, command, sku, { actor, restockId: refundId });
  const [kept] = stock.reservationsOf(command.channel, command.orderExternalId);
  // What the hub kept nothing for had gone out before it knew of the order.
  const shipped = kept ? onShipped : quantity;
  if (command.policy === 'EXPECTED_RETURN' && shipped > 0)
    expectReturn(stock, orderLineId, sku, kept?.pool ?? channelPool, shipped, refundId, actor);
}

/** Units on their way back: dated supply under the order line's id, which their receipt uses up. */
function expectReturn(
  stock: LockedStock,
  orderLineId: string,
  sku: string,
  pool: string,
  units: number,
  refundId: string,
  actor: Actor,
): void {
  const known = stock.supplies.find((supply) => supply.externalId === orderLineId && supply.pool === pool);
  const supply =
    known ??
    stock.newSupply({
      kind: 'EXPECTED_RETURN',
      externalId: orderLineId,
      sku,
      pool,
      node: null,
      availableOn: addDays(stock.today(pool), EXPECTED_RETURN_DAYS),
    });
  supply.ordered += units;
  stock.changedSupplies.add(supply);
  stock.touch(sku, pool); // the days to come promise more of it
  stock.move(sku, pool, StockCounter.INBOUND, units, {
    cause: 'REFUND',
    actor: actor.name,
    restockId: refundId,
    supplyId: supply.id,
  });
}
