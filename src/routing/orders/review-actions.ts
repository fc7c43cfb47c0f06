import { readOrderStock, type StockEngine } from '../../inventory/index.ts';
import { lockOrder, transitionOrder, OrderState, type LockedOrder } from '../../order/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import type { ReviewAction, ReviewKinds, ReviewTask } from '../../review/index.ts';
import { returnToRouting } from './return-to-routing.ts';
import { storeOverride } from '../store/routing-override-store.ts';
import { ORDER_UNROUTABLE, ROUTING_FAILED, ROUTING_REVIEW, SHIPMENT_UNANSWERED } from './review-tasks.ts';
import { readShipments } from '../store/shipment-store.ts';
import { systemActors } from '../../platform/api/system-actors.ts';

const ALERT_AGAIN_SECONDS = 4 * 3600;

/**
 * The decisions that people, or the clock, can make. An action leaves the order in the state from which the hub goes
 * on by itself, so that nothing is lost between the decision and what follows from it.
 */
export function routingActions(engine: StockEngine): ReviewKinds {
  const cancel: ReviewAction = (em, task) => cancelOrder(em, engine, task);
  const routeAgain: ReviewAction = (em, task) => backToRouting(em, task, {});
  return new Map<string, Readonly<Record<string, ReviewAction>>>([
    [
      ROUTING_REVIEW,
      {
        APPROVE: (em, task, actor) => backToRouting(em, task, { approvedBy: actor }),
        CANCEL: cancel,
        HOLD_AND_ALERT: holdAndAlert,
      },
    ],
    [
      ORDER_UNROUTABLE,
      {
        ROUTE_AGAIN: routeAgain,
        USE_FALLBACK_NODE: (em, task) => backToRouting(em, task, { mode: 'FALLBACK' }),
        CANCEL: cancel,
      },
    ],
    [SHIPMENT_UNANSWERED, { REASSIGN: (em, task) => reassign(em, engine, task), WAIT: holdAndAlert }],
    [ROUTING_FAILED, { ROUTE_AGAIN: routeAgain, CANCEL: cancel }],
  ]);
}

const holdAndAlert: ReviewAction = async () => ({ stayOpenSeconds: ALERT_AGAIN_SECONDS });

const held = new Set([OrderState.HELD_FOR_REVIEW, OrderState.UNROUTABLE]);

/** Paid again, it is routed by the hub within a second. An order that has gone on otherwise is left alone. */
async function backToRouting(
  em: EntityManager,
  task: ReviewTask,
  how: Parameters<typeof storeOverride>[2],
): Promise<void> {
  const order = await orderOf(em, task);
  if (held.has(order.state)) await transitionOrder(em, order, 'RELEASE');
  if (order.state === OrderState.PAID) await storeOverride(em, order.id, how);
}

async function cancelOrder(em: EntityManager, engine: StockEngine, task: ReviewTask): Promise<void> {
  const order = await orderOf(em, task);
  const { reservationIds } = await readOrderStock(em, order);
  for (const reservationId of reservationIds) {
    const command = {
      type: 'cancel' as const,
      reservationId,
      lines: undefined,
      reason: `review task ${task.id}`,
    };
    const idempotency = idempotencyOf('cancelReservation', { idempotencyKey: `${task.id} ${reservationId}` });
    await engine.changeReservation({ command, idempotency, actor: systemActors.routing });
  }
  if (held.has(order.state) || order.state === OrderState.PAID) await transitionOrder(em, order, 'CANCEL');
}

async function reassign(em: EntityManager, engine: StockEngine, task: ReviewTask): Promise<void> {
  const order = await orderOf(em, task);
  const [shipment] = await readShipments(em, 'id', [String(task.details['shipmentId'])]);
  if (shipment?.state === 'PLANNED') await returnToRouting(em, engine, order, shipment, null);
}

async function orderOf(em: EntityManager, { details }: ReviewTask): Promise<LockedOrder> {
  const order = await lockOrder(em, String(details['orderId']));
  if (!order) throw new Error(`the order ${String(details['orderId'])} of a review task is gone`);
  return order;
}
