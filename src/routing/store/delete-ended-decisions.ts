import { CUTOFF, CUTOFF_ID, deleteInBatches } from '../../platform/database/delete-in-batches.ts';
import type { EntityManager } from '../../platform/database/database.ts';

/** Orders of which nothing is to be routed any more. */
const ENDED = `'SHIPPED', 'DELIVERED', 'CLOSED', 'CANCELLED', 'RETURNED'`;

/**
 * Deletes decisions older than `days` with their shipments and tracking: of orders that have ended, and those that were
 * never to be carried out. One with an open shipment, a shipment that ended later, or an open review task stays.
 */
export function deleteEndedDecisions(em: EntityManager, days: number, signal: AbortSignal): Promise<number> {
  return deleteInBatches(
    em,
    `with ended as materialized (
       select d.id from routing_decision d join sales_order o on o.id = d.order_id
       where d.id < ${CUTOFF_ID} and d.decided_at < ${CUTOFF} and d.status <> 'PENDING'
         and (o.state in (${ENDED}) or d.cohort in ('DRY_RUN', 'SHADOW'))
         and not exists (
           select 1 from shipment s where s.decision_id = d.id and (s.state in ('PLANNED', 'ACKNOWLEDGED')
             or greatest(s.delivered_at, s.answered_at, s.created_at) >= ${CUTOFF}))
         and not exists (select 1 from review_task t where t.status = 'OPEN' and t.details->>'orderId' = o.id::text)
       order by d.id limit ? for update of d skip locked
     ),
     sent as materialized (select id from shipment where decision_id in (select id from ended)),
     events as (delete from tracking_event where shipment_id in (select id from sent)),
     inquiries as (delete from tracking_inquiry where shipment_id in (select id from sent)),
     shipments as (delete from shipment where id in (select id from sent))
     delete from routing_decision where id in (select id from ended) returning 1`,
    [days, days, days],
    signal,
  );
}

/**
 * Deletes tracking events older than `days` of parcels that arrived before that too. The newest event of each, and that
 * of its delivery, stay with the shipment, since late news of the parcel is compared with them.
 */
export function deleteOldTracking(em: EntityManager, days: number, signal: AbortSignal): Promise<number> {
  return deleteInBatches(
    em,
    `delete from tracking_event where id in (
       select e.id from tracking_event e join shipment s on s.id = e.shipment_id
       where e.at < ${CUTOFF} and s.delivered_at < ${CUTOFF} and e.status <> 'DELIVERED'
         and exists (select 1 from tracking_event later where later.shipment_id = e.shipment_id
           and (later.at, later.id) > (e.at, e.id))
       order by e.at limit ?)
     returning 1`,
    [days, days],
    signal,
  );
}
