import type { EntityManager } from '../../platform/database/database.ts';
import { CUTOFF, CUTOFF_ID } from '../../platform/database/delete-in-batches.ts';
import type { OrderReference } from './read-reservation.ts';

/** The orders of these references that the hub has; the order domain answers it. */
export type KnownOrders = (
  em: EntityManager,
  references: readonly OrderReference[],
) => Promise<readonly OrderReference[]>;

/** Deleted at once: they stay locked meanwhile. */
const BATCH = 1_000;
/** Candidates of one look-up: for so many, the ledger is read once. */
const CHUNK = 10_000;
const NIL = '00000000-0000-0000-0000-000000000000';

interface Candidate {
  id: string;
  channel: string;
  reference: string;
  orderExternalId: string | null;
}

/**
 * Deletes reservations that ended more than `days` ago without a unit shipped. These stay:
 * - all that an order of the hub names: what was called off of the order is counted by them;
 * - those that the ledger still has movements of, or closing rows: the audit proves them by each other (ADR 23).
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
    const candidates: Candidate[] = await readCandidates(em, days, last);
    const ids = await withoutMovements(em, await withoutOrders(em, candidates, knownOrders));
    for (let at = 0; at < ids.length && !signal.aborted; at += BATCH) {
      const some = ids.slice(at, at + BATCH);
      await deleteReservations(em, some);
      deleted += some.length;
    }
    last = candidates.length === CHUNK ? candidates.at(-1)!.id : undefined;
  }
  return deleted;
}

/** Nothing moves an ended reservation any more, so that what is read here stays true. */
function readCandidates(em: EntityManager, days: number, after: string): Promise<Candidate[]> {
  return em.execute<Candidate[]>(
    `select r.id, r.channel, r.reference, r.order_external_id as "orderExternalId"
     from reservation r
     where r.id > ? and r.id < ${CUTOFF_ID} and r.state in ('RELEASED', 'EXPIRED', 'CANCELLED')
       and (r.events->-1->>'at')::timestamptz
         < least(${CUTOFF}, (select coalesce(max(until), '-infinity') from stock_closed_month))
       and not exists (
         select 1 from reservation_line l where l.reservation_id = r.id and l.released < l.reserved)
       and not exists (select 1 from stock_closing c where c.reservation_id = r.id)
     order by r.id limit ${CHUNK}`,
    [after, days, days],
  );
}

async function withoutOrders(
  em: EntityManager,
  candidates: readonly Candidate[],
  knownOrders: KnownOrders,
): Promise<string[]> {
  if (candidates.length === 0) return [];
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

/**
 * An expired hold says when its time was over, and has its movement when a hub came to reclaim it, maybe months later; so
 * the events alone do not say that the ledger has nothing of it.
 */
async function withoutMovements(em: EntityManager, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await em.execute<{ id: string }[]>(
    `with wanted as materialized (select value::uuid as id from jsonb_array_elements_text(?::jsonb))
     select distinct wanted.id from wanted join stock_movement m on m.reservation_id = wanted.id`,
    [JSON.stringify(ids)],
  );
  const moved = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !moved.has(id));
}

async function deleteReservations(em: EntityManager, ids: readonly string[]): Promise<void> {
  await em.execute(
    `with wanted as materialized (select value::uuid as id from jsonb_array_elements_text(?::jsonb)),
     allocations as (delete from reservation_allocation where reservation_id in (select id from wanted)),
     lines as (delete from reservation_line where reservation_id in (select id from wanted))
     delete from reservation where id in (select id from wanted)`,
    [JSON.stringify(ids)],
  );
}
