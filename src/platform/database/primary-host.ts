import pg from 'pg';
import type { Logger } from '../process/log.ts';
import { IntervalLoop } from '../jobs/interval-loop.ts';
import { hostAddresses } from './host-addresses.ts';
import { endConnections } from './silent-connections.ts';
import { ACCEPTS_WRITES } from './accepts-writes.sql.ts';

const ASK_WITHIN_MS = 2_000;
const CHECK_MS = 1_000;

/** The host that takes writes now, by the address of several hosts. */
const primaries = new Map<string, string>();

/** The address to connect to: of several hosts, the one that took writes when they were last checked. */
export function currentAddress(address: string): string {
  return primaries.get(address) ?? hostAddresses(address)?.[0] ?? address;
}

/**
 * Finds the host that takes writes, the present one first.
 * @returns whether one was found; without, the address stays what it was
 */
export async function findPrimary(address: string): Promise<boolean> {
  const hosts = hostAddresses(address) ?? [address];
  const current = currentAddress(address);
  const answers = await Promise.all([...new Set([current, ...hosts])].map(acceptsWrites));
  const primary = answers.find((host) => host !== undefined);
  if (primary === undefined) return false;
  primaries.set(address, primary);
  return true;
}

/**
 * Follows the primary of an address of several hosts: every second. When it has moved, all connections to the host
 * before it are ended, so that none stays on a server that was demoted.
 * @returns what ends it; nothing is watched where the address names one host
 */
export function followPrimary(address: string, log: Logger): () => Promise<void> {
  if ((hostAddresses(address)?.length ?? 1) < 2) return async () => undefined;
  const loop = new IntervalLoop(CHECK_MS, async () => {
    const before = currentAddress(address);
    if ((await acceptsWrites(before)) !== undefined || !(await findPrimary(address))) return;
    const { host } = new URL(currentAddress(address));
    log.warn({ event: 'database.primary.moved', host }, 'another database host takes the writes now');
    endConnections(address, 'Another database host takes the writes now.');
  });
  loop.start();
  return () => loop.stop();
}

/** @returns the address again, or undefined where nobody answers in time or the server is a standby */
async function acceptsWrites(address: string): Promise<string | undefined> {
  const client = new pg.Client({
    connectionString: address,
    application_name: 'orderweave probe',
    connectionTimeoutMillis: ASK_WITHIN_MS,
    query_timeout: ASK_WITHIN_MS,
  });
  client.on('error', () => undefined); // what is under way fails
  try {
    await client.connect();
    const { rows } = await client.query<{ writable: boolean }>(ACCEPTS_WRITES);
    return rows[0]!.writable ? address : undefined;
  } catch {
    return undefined;
  } finally {
    void client.end().catch(() => undefined);
  }
}
