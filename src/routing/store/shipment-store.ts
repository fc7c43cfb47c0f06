import type { EntityManager } from '../../platform/database/database.ts';
import type { DecisionRow } from './decision-store.ts';

export const ShipmentState = {
  PLANNED: 'PLANNED',
  ACKNOWLEDGED: 'ACKNOWLEDGED',
  REJECTED: 'REJECTED',
  SHIPPED: 'SHIPPED',
  CANCELLED: 'CANCELLED',
  UNANSWERED: 'UNANSWERED',
} as const;
export type ShipmentState = keyof typeof ShipmentState;

export interface ShipmentRow {
  id: string;
  decisionId: string;
  orderId: string;
  node: string;
  state: ShipmentState;
  /** The lines that the node still has, or had, to send. */
  lines: { sku: string; quantity: number }[];
  respondBy: Date | null;
  fallbackNode: string | null;
  reason: string | null;
  trackingNumber: string | null;
  /** The code of the carrier service it goes by; null for pickup. */
  carrierService: string | null;
}

const COLUMNS = `id, decision_id as "decisionId", order_id as "orderId", node, state, lines, respond_by as "respondBy",
  fallback_node as "fallbackNode", reason, tracking_number as "trackingNumber", carrier_service as "carrierService"`;

/** Stores the shipments of a plan. */
export async function insertShipments(
  em: EntityManager,
  decision: DecisionRow,
  state: 'PLANNED' | 'CANCELLED',
): Promise<void> {
  const rows = decision.outcome.shipments.map((shipment, index) => ({
    id: decision.shipmentIds[index],
    node: shipment.node,
    lines: shipment.lines,
    respondBy: shipment.respondBy,
    fallbackNode: shipment.fallbackNode,
    estimatedArrival: shipment.estimatedArrival,
    countsTowards: shipment.countsTowards,
    carrierService: shipment.carrierService,
  }));
  await em.execute(
    `insert into shipment (id, decision_id, order_id, node, state, lines, respond_by, fallback_node, estimated_arrival,
       counts_towards, carrier_service, created_at)
     select id, ?, ?, node, ?, lines, "respondBy", "fallbackNode", "estimatedArrival", "countsTowards",
       "carrierService", hub_now()
     from jsonb_to_recordset(?::jsonb) as s (id uuid, node text, lines jsonb, "respondBy" timestamptz, "fallbackNode" text,
       "estimatedArrival" timestamptz, "countsTowards" text[], "carrierService" text)`,
    [decision.id, decision.orderId, state, JSON.stringify(rows)],
  );
}

export async function readShipments(
  em: EntityManager,
  by: 'id' | 'decision_id' | 'order_id',
  ids: readonly string[],
): Promise<ShipmentRow[]> {
  const rows = await em.execute<ShipmentRow[]>(
    `select ${COLUMNS} from shipment
     where ${by} in (select value::uuid from jsonb_array_elements_text(?::jsonb)) order by id`,
    [JSON.stringify(ids)],
  );
  return rows.map((row) => ({ ...row, respondBy: row.respondBy && new Date(row.respondBy) }));
}

/** Changes a shipment that is still open. @returns whether it was */
export async function answerShipment(
  em: EntityManager,
  id: string,
  answer: {
    state: ShipmentState;
    lines?: ShipmentRow['lines'];
    reason?: string | null;
    trackingNumber?: string | null;
  },
): Promise<boolean> {
  const rows = await em.execute<unknown[]>(
    `update shipment set state = ?, lines = coalesce(?::jsonb, lines), reason = coalesce(?, reason),
       tracking_number = coalesce(?, tracking_number), answered_at = hub_now()
     where id = ? and state in ('PLANNED', 'ACKNOWLEDGED') returning id`,
    [
      answer.state,
      answer.lines ? JSON.stringify(answer.lines) : null,
      answer.reason ?? null,
      answer.trackingNumber ?? null,
      id,
    ],
  );
  return rows.length > 0;
}
