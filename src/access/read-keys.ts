import type { EntityManager } from '../platform/database/database.ts';

export interface KeyRow {
  prefix: string;
  hash: string;
  name: string;
  partner: string;
  scopes: string[];
  channel: string | null;
  /** Whether it may be used at the instant of reading; the end is told apart for the message. */
  state: 'GOOD' | 'EXPIRED' | 'REVOKED';
  /** Until it expires; null: never. */
  msLeft: number | null;
}

/** Those that exist, in no order. */
export function readKeys(em: EntityManager, prefixes: readonly string[]): Promise<KeyRow[]> {
  return em.execute<KeyRow[]>(
    `select prefix, hash, name, partner, scopes, channel,
       case when revoked_at is not null then 'REVOKED' when expires_at <= now then 'EXPIRED' else 'GOOD' end as state,
       extract(epoch from expires_at - now)::float8 * 1000 as "msLeft"
     from api_key, (select hub_now() as now) instant
     where prefix in (select jsonb_array_elements_text(?::jsonb))`,
    [JSON.stringify(prefixes)],
  );
}
