import type { LockedOrder } from '../../order/index.ts';
import type { TaskToOpen } from '../../review/index.ts';
import { DecisionFailed } from '../workers/decision-pool.ts';
import type { DecisionRow } from '../store/decision-store.ts';
import type { ShipmentRow } from '../store/shipment-store.ts';

/** Decisions of routing that wait for a person; what each may come to is in routing-actions.ts. */
export const ROUTING_REVIEW = 'ROUTING_REVIEW';
export const ORDER_UNROUTABLE = 'ORDER_UNROUTABLE';
export const SHIPMENT_UNANSWERED = 'SHIPMENT_UNANSWERED';
export const ROUTING_FAILED = 'ROUTING_FAILED';

const HOUR_SECONDS = 3600;

const nameOf = ({ externalId, channel }: LockedOrder) => `Order ${externalId} of ${channel}`;

export function approvalTask(order: LockedOrder, { id, outcome }: DecisionRow): TaskToOpen {
  return {
    kind: ROUTING_REVIEW,
    subject: order.id,
    summary: `${nameOf(order)}: ${outcome.reasons.join(' ')}`,
    details: { orderId: order.id, decisionId: id, reasons: outcome.reasons },
    deadlineSeconds: 4 * HOUR_SECONDS,
    defaultAction: 'HOLD_AND_ALERT',
  };
}

export function unroutableTask(order: LockedOrder, { id, outcome }: DecisionRow): TaskToOpen {
  return {
    kind: ORDER_UNROUTABLE,
    subject: order.id,
    summary: `${nameOf(order)} cannot be routed: ${outcome.reasons.join(' ')}`,
    details: { orderId: order.id, decisionId: id, reasons: outcome.reasons },
    deadlineSeconds: 2 * HOUR_SECONDS,
    defaultAction: 'USE_FALLBACK_NODE',
  };
}

export function unansweredTask(shipment: ShipmentRow): TaskToOpen {
  return {
    kind: SHIPMENT_UNANSWERED,
    subject: shipment.id,
    summary: `${shipment.node} has not answered in time, and names no fallback.`,
    details: { orderId: shipment.orderId, shipmentId: shipment.id, node: shipment.node },
    deadlineSeconds: 2 * HOUR_SECONDS,
    defaultAction: 'REASSIGN',
  };
}

export function failedTask(orderId: string, error: unknown): TaskToOpen {
  const what =
    error instanceof DecisionFailed
      ? 'could not be routed: its decision did not end, twice; a rule may be too costly'
      : 'could not be routed because of a defect';
  return {
    kind: ROUTING_FAILED,
    subject: orderId,
    summary: `Order ${orderId} ${what}; the log has it.`,
    details: { orderId },
    deadlineSeconds: HOUR_SECONDS,
    defaultAction: 'ROUTE_AGAIN',
  };
}
