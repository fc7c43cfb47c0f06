import type { OutgoingFulfilment, OutgoingMessage } from '../../../connectors/spi/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { storableJson } from '../ingest/stream-store.ts';
import type { FailureVerdict } from './retry-decision.ts';

/** The writes that a source may be sent, by kind; the idempotency key is the id of the write. */
export interface WritePayloads {
  FULFILMENT: Omit<OutgoingFulfilment, 'idempotencyKey'>;
  MESSAGE: Omit<OutgoingMessage, 'idempotencyKey'>;
}
export type WriteKind = keyof WritePayloads;
export type WriteState = 'PENDING' | 'DELIVERED' | 'FAILED';

/** Something that a source is to be told. */
export type SourceWrite = {
  [Kind in WriteKind]: {
    /** A UUID; the same one, queued again, is one write. */
    id: string;
    connector: string;
    kind: Kind;
    /** The id of its subject: what is told of one subject arrives in order. */
    subject: string;
    payload: WritePayloads[Kind];
    /** The author of the message: nobody, where the hub tells it by itself. */
    author?: string;
  };
}[WriteKind];

/** A write whose time has come. */
export type DueWrite = SourceWrite & {
  /** Attempts before this one. */
  attempts: number;
  /** Milliseconds since the first attempt. */
  ageMs: number;
};

/** Stores what a source is to be told, in the transaction of `em`: it is told once that has committed. */
export async function queueWrite(em: EntityManager, write: SourceWrite): Promise<void> {
  const { id, connector, kind, subject, payload, author } = write;
  await em.execute(
    `insert into source_write (id, connector, kind, subject, payload, author, queued_at, due_at)
     select ?, ?, ?, ?, ?::jsonb, ?, now, now from (select hub_now() as now) instant
     on conflict (id) do nothing`,
    [id, connector, kind, subject, storableJson(payload), author ?? null],
  );
}

/** The oldest write that is due and of whose subject nothing waits before it. */
export async function nextDueWrite(
  em: EntityManager,
  connector: string,
  kinds: readonly WriteKind[],
): Promise<DueWrite | undefined> {
  const [row] = await em.execute<DueWrite[]>(
    `with instant as materialized (select hub_now() as now)
     select id, connector, kind, subject, payload, attempts,
       coalesce(extract(epoch from now - first_attempt_at), 0)::float8 * 1000 as "ageMs"
     from instant, source_write w
     where connector = ? and state = 'PENDING' and due_at <= now
       and kind in (select jsonb_array_elements_text(?::jsonb))
       and not exists (
         select 1 from source_write earlier
         where earlier.connector = w.connector and earlier.subject = w.subject and earlier.state = 'PENDING'
           and earlier.position < w.position)
     order by position limit 1`,
    [connector, JSON.stringify(kinds)],
  );
  return row;
}

export async function markDelivered(em: EntityManager, id: string, externalId: string): Promise<void> {
  await em.execute(
    `update source_write set state = 'DELIVERED', delivered_at = hub_now(), external_id = ?, attempts = attempts + 1,
       last_error = null
     where id = ? and state = 'PENDING'`,
    [externalId, id],
  );
}

export async function markAttempted(
  em: EntityManager,
  id: string,
  { state, retryInMs }: FailureVerdict,
  error: string,
): Promise<void> {
  await em.execute(
    `update source_write set state = ?, due_at = hub_now() + make_interval(secs => ?), attempts = attempts + 1,
       first_attempt_at = coalesce(first_attempt_at, hub_now()), last_error = ?
     where id = ? and state = 'PENDING'`,
    [state, retryInMs / 1000, error, id],
  );
}

/** Has failed writes tried again from now on, as if for the first time. @returns how many there were */
export async function retryFailed(em: EntityManager, ids: readonly string[]): Promise<number> {
  const rows = await em.execute<unknown[]>(
    `update source_write set state = 'PENDING', due_at = hub_now(), attempts = 0, first_attempt_at = null
     where state = 'FAILED' and id in (select jsonb_array_elements_text(?::jsonb)::uuid) returning id`,
    [JSON.stringify(ids)],
  );
  return rows.length;
}

export async function countWrites(
  em: EntityManager,
  connector: string,
  state: 'PENDING' | 'FAILED',
): Promise<number> {
  const [row] = await em.execute<{ count: number }[]>(
    'select count(*)::int as count from source_write where connector = ? and state = ?',
    [connector, state],
  );
  return row!.count;
}
