import type { EntityManager } from '../platform/database/database.ts';
import { TEST_EVENT } from './event-types.ts';
import type { WebhookBacklog, WebhookDelivery, WebhookDeliveryState } from './webhooks.types.ts';

/** Deliveries as people look at them, and what they do with them. */

type Row = WebhookDelivery & { position: string };

const COLUMNS = `position::text, id, endpoint_id as "endpointId", type, key, state, payload::text, attempts,
  queued_at as "queuedAt", case when state = 'PENDING' then due_at end as "nextAttemptAt",
  last_attempt_at as "lastAttemptAt", delivered_at as "deliveredAt", last_status as "lastStatus",
  last_error as "lastError"`;

/**
 * Newest first: by the column, since `position` alone would be the text that is selected.
 * @param before the position of the last one known
 */
export async function readDeliveries(
  em: EntityManager,
  filter: { endpointId: string | null; state: WebhookDeliveryState | null },
  { first, before }: { first: number; before: string | undefined },
): Promise<Row[]> {
  const rows = await em.execute<Row[]>(
    `select ${COLUMNS} from webhook_delivery
     where (?::text is null or endpoint_id::text = ?) and (?::text is null or state = ?)
       and (?::bigint is null or position < ?::bigint)
     order by webhook_delivery.position desc limit ?`,
    [filter.endpointId, filter.endpointId, filter.state, filter.state, before ?? null, before ?? null, first],
  );
  return rows.map(withDates);
}

export async function readBacklogs(
  em: EntityManager,
  endpointIds: readonly string[],
): Promise<(WebhookBacklog & { id: string })[]> {
  return em.execute(
    `select id, pending.count::int as pending, dead.count::int as dead,
       coalesce(greatest(0, extract(epoch from hub_now() - pending.oldest)), 0)::int as "lagSeconds"
     from (select value::uuid as id from jsonb_array_elements_text(?::jsonb)) endpoint
     cross join lateral (
       select count(*), min(queued_at) as oldest from webhook_delivery
       where endpoint_id = endpoint.id and state = 'PENDING') pending
     cross join lateral (
       select count(*) from webhook_delivery where endpoint_id = endpoint.id and state = 'DEAD') dead`,
    [JSON.stringify(endpointIds)],
  );
}

const AGAIN = `state = 'PENDING', due_at = hub_now(), lease = null, leased_until = null, attempts = 0,
  first_attempt_at = null, delivered_at = null`;

/** Dead letters and delivered ones alike: sent as they were, under the ids they had. @returns those there are */
export async function sendAgain(em: EntityManager, ids: readonly string[]): Promise<WebhookDelivery[]> {
  const rows = await em.execute<Row[]>(
    `with again as (
       update webhook_delivery set ${AGAIN}
       where id::text in (select lower(jsonb_array_elements_text(?::jsonb))) and leased_until is null returning *
     ) select ${COLUMNS} from again order by again.position`,
    [JSON.stringify(ids)],
  );
  return rows.map(withDates);
}

/** Everything that an endpoint was sent since, in its order, and its promises anew. @returns how many events */
export async function replaySince(em: EntityManager, endpointId: string, since: Date): Promise<number> {
  const rows = await em.execute<unknown[]>(
    `update webhook_delivery set ${AGAIN}
     where endpoint_id = ? and queued_at >= ? and state <> 'PENDING' and type <> 'atp.changed' returning 1`,
    [endpointId, since],
  );
  await em.execute('delete from webhook_atp_told where endpoint_id = ?', [endpointId]);
  return rows.length;
}

/** An event that says nothing but that events arrive. */
export async function queueTestEvent(em: EntityManager, endpointId: string): Promise<WebhookDelivery> {
  const [row] = await em.execute<Row[]>(
    `insert into webhook_delivery (endpoint_id, type, key, payload, queued_at, due_at)
     select ?, '${TEST_EVENT}', 'test', json_build_object('type', '${TEST_EVENT}', 'timestamp', webhook_instant(now),
       'data', json_build_object('endpointId', ?::text)), now, now
     from (select hub_now() as now) instant returning ${COLUMNS}`,
    [endpointId, endpointId],
  );
  return withDates(row!);
}

function withDates(row: Row): Row {
  const date = (value: Date | null) => value && new Date(value);
  return {
    ...row,
    queuedAt: new Date(row.queuedAt),
    nextAttemptAt: date(row.nextAttemptAt),
    lastAttemptAt: date(row.lastAttemptAt),
    deliveredAt: date(row.deliveredAt),
  };
}
