import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const TICK_MS = 250;
/** A busy connection that has been silent for this long is looked up at the server, in ms. */
const PROBE_AFTER_MS = 2_000;
const PROBE_TIMEOUT_MS = 2_000;
const END_WITHIN_MS = 1_000;

interface Watched {
  client: pg.Client;
  databaseUrl: string;
  /** Where it is connected to; of several hosts, one. */
  address: Pick<pg.Client, 'host' | 'port' | 'user' | 'password' | 'database' | 'ssl'>;
  deadlineMs: number;
  /** Whether an answer is awaited. */
  busy: boolean;
  bytesRead: number;
  /** Time of this process, while it ran, without a byte. */
  silentMs: number;
}

const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;
let probing = false;

/**
 * Ends a connection that awaits an answer and has received no byte for `deadlineMs` (at the precision of 250 ms): a
 * half-open connection, or a server that is stopped, would otherwise be waited for without end. The time in which this
 * process itself stood still does not count. Earlier, after 2 s, the server is asked over another connection whether it
 * still works on the answer: if it does not, the answer was lost on the way, and the connection is ended at once.
 */
export function endWhenSilent(client: pg.Client, databaseUrl: string, deadlineMs: number): void {
  const entry: Watched = {
    client,
    databaseUrl,
    address: client,
    deadlineMs,
    busy: false,
    bytesRead: 0,
    silentMs: 0,
  };
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  client.query = ((...args: unknown[]) => {
    if (!entry.busy) entry.silentMs = 0;
    entry.busy = true;
    return query(...args);
  }) as typeof client.query;
  client.on('drain', () => {
    entry.busy = false;
  });
  client.once('end', () => forget(entry));
  watched.add(entry);
  timer ??= setInterval(tick, TICK_MS).unref();
}

/** From now on, waits no longer than `deadlineMs` for an answer to the connections of a database, which are to end. */
export function shortenDeadlines(databaseUrl: string, deadlineMs: number): void {
  for (const entry of watched)
    if (entry.databaseUrl === databaseUrl) entry.deadlineMs = Math.min(entry.deadlineMs, deadlineMs);
}

/** Closes the socket of a connection without a word to the server. */
export function endAtOnce(client: pg.Client): void {
  streamOf(client).destroy();
}

/** Ends a connection in order, or at once where the server does not answer to that within a second. */
export async function endConnection(client: pg.Client): Promise<void> {
  const ended = client.end().catch(() => undefined); // it may be gone already
  const late = delay(END_WITHIN_MS, undefined, { ref: false });
  await Promise.race([ended, late.then(() => endAtOnce(client))]);
}

/** Ends every watched connection to a database, e.g. since its server may be written to no more. */
export function endConnections(databaseUrl: string, reason: string): void {
  for (const entry of watched) if (entry.databaseUrl === databaseUrl) end(entry, reason);
}

function tick(): void {
  for (const entry of watched) {
    const { bytesRead } = streamOf(entry.client);
    if (!entry.busy || bytesRead !== entry.bytesRead) entry.silentMs = 0;
    else entry.silentMs += TICK_MS;
    entry.bytesRead = bytesRead;
    if (entry.silentMs >= entry.deadlineMs)
      end(entry, `The database did not answer within ${entry.deadlineMs} ms.`);
  }
  const silent = [...watched].filter(({ silentMs }) => silentMs >= PROBE_AFTER_MS);
  if (silent.length > 0 && !probing) {
    probing = true;
    void endLost(silent).finally(() => (probing = false));
  }
}

/** Ends the connections on which the server waits for us, while we wait for it. */
async function endLost(silent: readonly Watched[]): Promise<void> {
  const { address } = silent[0]!;
  const some = silent.filter(
    (entry) => entry.address.host === address.host && entry.address.port === address.port,
  );
  const working = await workingBackends(
    address,
    some.map(({ client }) => processIdOf(client)),
  ).catch(
    () => undefined, // the server cannot be reached at all: the deadline decides
  );
  if (!working) return;
  for (const entry of some)
    if (entry.silentMs >= PROBE_AFTER_MS && !working.has(processIdOf(entry.client)))
      end(entry, 'An answer of the database was lost on the way.');
}

/** The server processes, among `ids`, that work on something and can send it. */
async function workingBackends(
  { host, port, user, password, database, ssl }: Watched['address'],
  ids: readonly number[],
): Promise<Set<number>> {
  const probe = new pg.Client({
    host,
    port,
    user,
    password,
    database,
    ssl,
    application_name: 'orderweave probe',
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    query_timeout: PROBE_TIMEOUT_MS,
  });
  probe.on('error', () => undefined); // what is under way fails
  try {
    await probe.connect();
    const { rows } = await probe.query<{ pid: number }>(
      `select pid from pg_stat_activity
       where pid = any($1) and state = 'active' and wait_event is distinct from 'ClientWrite'`,
      [ids],
    );
    return new Set(rows.map(({ pid }) => pid));
  } finally {
    streamOf(probe).destroy();
  }
}

function end(entry: Watched, reason: string): void {
  forget(entry);
  streamOf(entry.client).destroy(Object.assign(new Error(reason), { code: 'ETIMEDOUT' }));
}

function forget(entry: Watched): void {
  watched.delete(entry);
  if (watched.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

interface ClientParts {
  connection: { stream: { bytesRead: number; destroy(error?: Error): void } };
  processID: number;
}

function streamOf(client: pg.Client): ClientParts['connection']['stream'] {
  return (client as unknown as ClientParts).connection.stream;
}

function processIdOf(client: pg.Client): number {
  return (client as unknown as ClientParts).processID;
}
