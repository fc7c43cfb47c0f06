import type { EntityManager } from '../../platform/database/database.ts';
import { CUTOFF, CUTOFF_ID } from '../../platform/database/delete-in-batches.ts';
import type { OrderReference } from './read-reservation.ts';

/** The orders of these references that the hub has; the order domain answers it. */
export type KnownOrders = (
  em: EntityManager,
  references: readonly OrderReference[],
) => Promise<readonly OrderReference[]>;

const BATCH = 1_000;
const NIL = '00000000-0000-0000-0000-000000000000';

interface Candidate {
  id: string;
  channel: string;
  reference: string;
  orderExternalId: string | null;
}

/**
 * Deletes reservations that ended more than `days` ago. These stay:
 * - all that an order of the hub names: what the order has shipped and cancelled is counted by them;
 * - those that the ledger still has movements of, or closing rows: the audit proves them by each other (ADR 23);
 * - those that a quota or a campaign still counts units of.
 * @param signal ends it between two batches
 * @returns how many were deleted
 */
export async function deleteEndedReservations(
  em: EntityManager,
  days: number,
  knownOrders: KnownOrders,
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  for (let last: string | undefined = NIL; last !== undefined && !signal.aborted;) {
    const after: string = last;
    const batch = await em.fork().transactional(async (tx) => {
      const candidates = await lockCandidates(tx, days, after);
      const ids = await withoutOrders(tx, candidates, knownOrders);
      await deleteReservations(tx, ids);
      return { count: ids.length, last: candidates.length === BATCH ? candidates.at(-1)!.id : undefined };
    });
    deleted += batch.count;
    last = batch.last;
  }
  return deleted;
}

/** The last event is of the last movement: nothing moves an ended reservation any more. */
function lockCandidates(em: EntityManager, days: number, after: string): Promise<Candidate[]> {
  return em.execute<Candidate[]>(
    `select r.id, r.channel, r.reference, r.order_external_id as "orderExternalId"
     from reservation r
     where r.id > ? and r.id < ${CUTOFF_ID}
       and r.state in ('RELEASED', 'EXPIRED', 'CANCELLED', 'FULFILLED')
       and (r.events->-1->>'at')::timestamptz
         < least(${CUTOFF}, (select coalesce(max(until), '-infinity') from stock_closed_month))
       and not exists (
         select 1 from reservation_line l
         where l.reservation_id = r.id and (l.released + l.shipped < l.reserved or l.dated > 0 or l.unbacked > 0
           or l.reserved > l.released and (r.campaign is not null or exists (
             select 1 from channel_quota q where q.sku = l.sku and q.pool = l.pool and q.channel = l.channel))))
       and not exists (
         select 1 from reservation_allocation a where a.reservation_id = r.id and a.allocated > 0)
       and not exists (select 1 from stock_closing c where c.reservation_id = r.id)
     order by r.id limit ${BATCH} for update of r skip locked`,
    [after, days, days],
  );
}

async function withoutOrders(
  em: EntityManager,
  candidates: readonly Candidate[],
  knownOrders: KnownOrders,
): Promise<string[]> {
  const namesOf = ({ channel, reference, orderExternalId }: Candidate) =>
    [reference, orderExternalId].flatMap((externalId) =>
      externalId === null ? [] : [{ channel, externalId }],
    );
  const keyOf = ({ channel, externalId }: OrderReference) => JSON.stringify([channel, externalId]);
  const known = new Set((await knownOrders(em, candidates.flatMap(namesOf))).map(keyOf));
  return candidates
    .filter((candidate) => !namesOf(candidate).some((reference) => known.has(keyOf(reference))))
    .map(({ id }) => id);
}

async function deleteReservations(em: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const wanted = 'select value::uuid from jsonb_array_elements_text(?::jsonb)';
  await em.execute(
    `with wanted as materialized (${wanted}),
     allocations as (delete from reservation_allocation where reservation_id in (table wanted)),
     lines as (delete from reservation_line where reservation_id in (table wanted))
     delete from reservation where id in (table wanted)`,
    [JSON.stringify(ids)],
  );
}
