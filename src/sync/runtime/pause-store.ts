import type { EntityManager } from '../../platform/database/database.ts';
import type { StreamHealth } from './stream-health.ts';

/** Whether a person has paused a source. */
export async function isPaused(em: EntityManager, connector: string): Promise<boolean> {
  const [row] = await em.execute<{ paused: boolean }[]>(
    'select paused from connector_control where connector = ?',
    [connector],
  );
  return row?.paused ?? false;
}

export async function setPaused(em: EntityManager, connector: string, paused: boolean): Promise<void> {
  await em.execute(
    `insert into connector_control (connector, paused) values (?, ?)
     on conflict (connector) do update set paused = excluded.paused`,
    [connector, paused],
  );
}

/** How streams are doing as whichever process reads them has noted. */
export async function readHealth(em: EntityManager, connector: string): Promise<Map<string, StreamHealth>> {
  const rows = await em.execute<{ stream: string; asOf: Date | null; reason: string | null }[]>(
    `select stream, last_read_at as "asOf", last_error as reason from connector_stream where connector = ?`,
    [connector],
  );
  return new Map(
    rows.map(({ stream, asOf, reason }) => [
      stream,
      { asOf: asOf && new Date(asOf), degraded: reason !== null, reason },
    ]),
  );
}
