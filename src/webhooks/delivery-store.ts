import { CUTOFF, deleteInBatches } from '../platform/database/delete-in-batches.ts';
import type { EntityManager } from '../platform/database/database.ts';
import { FAILURES_TO_PAUSE, type RetryDecision } from './http/retry-policy.ts';

/** Under way at once to one endpoint, from one process. */
const MAX_IN_FLIGHT = 16;

/** An event on its way to an endpoint, as whoever has claimed it needs it. */
export interface ClaimedDelivery {
  position: string;
  id: string;
  endpointId: string;
  type: string;
  payload: string;
  url: string;
  secret: string;
  /** Null once its time is over. */
  previousSecret: string | null;
  /** With the one that is claimed. */
  attempts: number;
  /** Since the first attempt. */
  ageMs: number;
  /** Of the endpoint, in a row, before this attempt. */
  failures: number;
}

/** The result of a claimed delivery. */
export interface DeliveryResult extends RetryDecision {
  position: string;
  endpointId: string;
  status: number | null;
  error: string | null;
}

/**
 * Claims what is due: of each key only the oldest event, so that a key's events arrive in order and another key's need
 * not wait. Whoever claims has until the end of the lease; then somebody else may. Several processes share the work by
 * row locks.
 * @param busy how many are under way to each endpoint in this process
 */
export async function claimDue(
  em: EntityManager,
  busy: ReadonlyMap<string, number>,
  { lease, leaseSeconds }: { lease: string; leaseSeconds: number },
): Promise<ClaimedDelivery[]> {
  const wanted = [...busy].map(([endpoint, sending]) => ({ endpoint, sending }));
  return em.execute<ClaimedDelivery[]>(
    `with instant as materialized (select hub_now() as now),
     due as materialized (
       select head.position, e.id as endpoint_id, e.url, e.secret, e.failures,
         case when e.previous_secret_until > now then e.previous_secret end as previous_secret
       from instant
       cross join jsonb_to_recordset(?::jsonb) as w (endpoint uuid, sending int)
       join webhook_endpoint e on e.id = w.endpoint and e.enabled
       cross join lateral (
         select position from webhook_delivery d
         where d.endpoint_id = e.id and d.state = 'PENDING' and d.due_at <= now
           and (d.leased_until is null or d.leased_until <= now)
           and not exists (
             select 1 from webhook_delivery before
             where before.endpoint_id = d.endpoint_id and before.key = d.key and before.state = 'PENDING'
               and before.position < d.position)
         order by d.due_at, d.position
         -- One that fails is asked with one event at a time.
         limit greatest(0, case when e.failures >= ${FAILURES_TO_PAUSE} then 1 else ${MAX_IN_FLIGHT} end - w.sending)
         for update of d skip locked
       ) head
       where e.paused_until is null or e.paused_until <= now
     )
     update webhook_delivery d
     set lease = ?, leased_until = now + make_interval(secs => ?), attempts = attempts + 1, last_attempt_at = now,
       first_attempt_at = coalesce(first_attempt_at, now)
     from due, instant
     where d.position = due.position
     returning d.position::text, d.id, due.endpoint_id as "endpointId", d.type, d.payload::text, due.url, due.secret,
       due.previous_secret as "previousSecret", d.attempts, due.failures,
       extract(epoch from now - d.first_attempt_at)::float8 * 1000 as "ageMs"`,
    [JSON.stringify(wanted), lease, leaseSeconds],
  );
}

/**
 * Writes down what has come of deliveries, of those whose lease is still this one: what a lost process had claimed may
 * be somebody else's by now. A promise that could not be told is forgotten where a later one waits.
 */
export async function storeDeliveryResults(
  em: EntityManager,
  lease: string,
  results: readonly DeliveryResult[],
): Promise<void> {
  const given = `jsonb_to_recordset(?::jsonb) as r (position bigint, "endpointId" uuid, status int, error text, outcome text,
    "retryInMs" float8)`;
  const all = JSON.stringify(results);
  await em.fork().transactional(async (tx) => {
    await tx.execute(
      `delete from webhook_delivery d using ${given}
       where d.position = r.position and d.lease = ? and r.outcome <> 'DELIVERED' and d.type = 'atp.changed' and exists (
         select 1 from webhook_delivery later
         where later.endpoint_id = d.endpoint_id and later.key = d.key and later.state = 'PENDING'
           and later.position > d.position)`,
      [all, lease],
    );
    await tx.execute(
      `update webhook_delivery d
       set state = case outcome when 'DELIVERED' then 'DELIVERED' when 'DEAD' then 'DEAD' else 'PENDING' end,
         due_at = hub_now() + make_interval(secs => "retryInMs" / 1000), lease = null, leased_until = null,
         delivered_at = case when outcome = 'DELIVERED' then hub_now() end, last_status = status, last_error = error
       from ${given} where d.position = r.position and d.lease = ?`,
      [all, lease],
    );
    await settleEndpoints(tx, results);
  });
}

/** An endpoint that works is touched only where it had failed, or has not been seen to work for a while. */
async function settleEndpoints(em: EntityManager, results: readonly DeliveryResult[]): Promise<void> {
  const byEndpoint = [...Map.groupBy(results, ({ endpointId }) => endpointId)].map(([id, some]) => {
    const last = some.at(-1)!;
    const pauses = some.map(({ pauseMs }) => pauseMs);
    return {
      id,
      works: last.outcome === 'DELIVERED',
      gone: some.some(({ outcome }) => outcome === 'GONE'),
      delivered: some.some(({ outcome }) => outcome === 'DELIVERED'),
      failures: some.length - 1 - some.findLastIndex(({ outcome }) => outcome === 'DELIVERED'),
      pauseMs: last.outcome === 'DELIVERED' ? 0 : Math.max(...pauses),
      error: some.findLast(({ error }) => error !== null)?.error ?? null,
    };
  });
  await em.execute(
    `update webhook_endpoint e
     set failures = case when delivered then 0 else e.failures end + r.failures,
       last_delivered_at = case when delivered then hub_now() else last_delivered_at end,
       enabled = e.enabled and not gone,
       disabled_reason = case when gone then 'its receiver answered 410 Gone' else disabled_reason end,
       last_error = case when works then null else error end,
       paused_until = case when "pauseMs" > 0 then hub_now() + make_interval(secs => "pauseMs" / 1000) end
     from (
       select r.* from jsonb_to_recordset(?::jsonb) as r (id uuid, works boolean, gone boolean, delivered boolean, failures int,
         "pauseMs" float8, error text) order by id
     ) r
     where e.id = r.id and (not works or gone or e.failures > 0 or e.last_error is not null or e.paused_until is not null
       or e.last_delivered_at is null or e.last_delivered_at < hub_now() - interval '1 second')`,
    [JSON.stringify(byEndpoint)],
  );
}

/** Deletes deliveries by the days since they were delivered, or since the last attempt of one that was given up. */
export function deleteExpiredDeliveries(
  em: EntityManager,
  { events, deadEvents }: { events: number; deadEvents: number },
  signal: AbortSignal,
): Promise<number> {
  return deleteInBatches(
    em,
    `delete from webhook_delivery where position in (
       select position from webhook_delivery
       where state = 'DELIVERED' and delivered_at < ${CUTOFF} or state = 'DEAD' and last_attempt_at < ${CUTOFF}
       order by position limit ? for update skip locked)
     returning 1`,
    [events, deadEvents],
    signal,
  );
}
