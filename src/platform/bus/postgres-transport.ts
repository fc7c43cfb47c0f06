import pg from 'pg';
import type { BusConnection, BusTransport } from './transport.ts';
import { currentAddress } from '../database/primary-host.ts';
import { endAtOnce, endConnection } from '../database/silent-connections.ts';

const CHANNEL = 'orderweave_changes';
/** A server that takes connections and does not answer must not hold us for ever. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * PostgreSQL LISTEN/NOTIFY, on a connection of its own: a NOTIFY inside the transaction of the change would put all
 * commits behind one lock.
 */
export function postgresTransport(databaseUrl: string): BusTransport {
  return {
    maxPayloadBytes: 7_500, // NOTIFY refuses 8000
    async open(onPayload, signal) {
      const client = newClient(databaseUrl);
      client.on('notification', ({ payload }) => onPayload(payload ?? ''));
      const ended = new Promise<void>((resolve) => client.once('end', resolve));
      const close = () => endConnection(client);
      // At once: a connection that is ended in order while it is made would never say so.
      const giveUp = () => endAtOnce(client);
      signal.addEventListener('abort', giveUp);
      try {
        signal.throwIfAborted();
        await client.connect();
        // A signal need not survive a crash; to wait for the disk each time would hold up the commits that matter.
        await client.query(`set synchronous_commit = off; listen ${CHANNEL}`);
      } catch (error) {
        await close();
        throw error;
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
      return { send: (payloads) => notify(client, payloads), ended, close } satisfies BusConnection;
    },
  };
}

function newClient(databaseUrl: string): pg.Client {
  const client = new pg.Client({
    connectionString: currentAddress(databaseUrl),
    application_name: 'orderweave bus',
    connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  });
  return client.on('error', () => undefined); // 'end' follows, and what is under way fails
}

async function notify(client: pg.Client, payloads: readonly string[]): Promise<void> {
  await client.query('select pg_notify($1, payload) from unnest($2::text[]) as payload', [CHANNEL, payloads]);
}
