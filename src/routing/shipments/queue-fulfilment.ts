import { linesByReference, Order } from '../../order/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { connectorOf, queueWrite } from '../../sync/index.ts';
import { readShipments } from '../store/shipment-store.ts';
import { linesOfParcel } from './parcel-lines.ts';

/**
 * Has the source that an order came from told of a shipment that has just left; one that takes no fulfilments is not. In
 * the transaction of `em`, which holds the order's lock.
 * @param takesFulfilments whether the source of an id does
 */
export async function queueFulfilment(
  em: EntityManager,
  takesFulfilments: (connector: string) => boolean,
  { shipmentId, orderId }: { shipmentId: string; orderId: string },
): Promise<void> {
  const order = await em.findOneOrFail(Order, orderId, { disableIdentityMap: true });
  const connector = connectorOf(order.sourceId);
  if (!takesFulfilments(connector)) return;
  const sent = (await readShipments(em, 'order_id', [orderId])).filter(({ state }) => state === 'SHIPPED');
  const shipment = sent.find(({ id }) => id === shipmentId)!;
  const before = sent.filter(({ id }) => id !== shipmentId).flatMap(({ lines }) => lines);
  const [orderLines] = await linesByReference(em, [order]);
  await queueWrite(em, {
    id: shipmentId,
    connector,
    kind: 'FULFILMENT',
    subject: `order:${orderId}`,
    payload: {
      orderExternalId: order.externalId,
      lines: linesOfParcel(orderLines!, before, shipment.lines),
      ...(shipment.carrierService !== null && { carrier: shipment.carrierService }),
      ...(shipment.trackingNumber !== null && { trackingNumber: shipment.trackingNumber }),
    },
  });
}
