import { readOrderStock, type StockEngine } from '../../inventory/index.ts';
import { transitionOrder, OrderState, type LockedOrder } from '../../order/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { storeOverride } from '../store/routing-override-store.ts';
import { answerShipment, type ShipmentRow } from '../store/shipment-store.ts';
import { systemActors } from '../../platform/api/system-actors.ts';

/**
 * Returns a shipment from a node that has not answered to routing: its units are to be routed again, by the fallback
 * alone where one is given. The engine is told under the shipment's own key, so that doing it again is harmless.
 * @param order locked
 */
export async function returnToRouting(
  em: EntityManager,
  engine: StockEngine,
  order: LockedOrder,
  shipment: ShipmentRow,
  fallback: string | null,
): Promise<void> {
  const { reservationIds, atNodes } = await readOrderStock(em, order);
  const lines = unitsLeft(shipment, atNodes);
  if (lines.length > 0) {
    const command = {
      type: 'reject' as const,
      reservationIds,
      node: shipment.node,
      lines,
      effect: 'NONE' as const,
      reason: 'has not answered in time',
    };
    const idempotency = idempotencyOf('unanswered', { idempotencyKey: `unanswered ${shipment.id}` });
    await engine.fulfil({ command, idempotency, actor: systemActors.routing });
  }
  await answerShipment(em, shipment.id, { state: lines.length > 0 ? 'UNANSWERED' : 'CANCELLED' });
  if (lines.length === 0) return;
  await returnToPaid(em, order);
  await storeOverride(em, order.id, { onlyNodes: fallback === null ? null : [fallback] });
}

/** The units of a shipment that its node still has: parts may have been called off. */
export function unitsLeft(
  { node, lines }: Pick<ShipmentRow, 'node' | 'lines'>,
  atNodes: readonly { node: string; sku: string; quantity: number }[],
): { sku: string; quantity: number }[] {
  return lines.flatMap(({ sku, quantity }) => {
    const there = atNodes.find((units) => units.node === node && units.sku === sku)?.quantity ?? 0;
    const units = Math.min(quantity, there);
    return units > 0 ? [{ sku, quantity: units }] : [];
  });
}

/** Some of its units wait for a node again. */
export async function returnToPaid(em: EntityManager, order: LockedOrder): Promise<void> {
  if (order.state === OrderState.ROUTED || order.state === OrderState.ACKNOWLEDGED)
    await transitionOrder(em, order, 'REJECT');
}
