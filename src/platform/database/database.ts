import { MikroORM, type EntityManager, type Options } from '@mikro-orm/postgresql';
import { ReflectMetadataProvider } from '@mikro-orm/decorators/legacy';
import { Migrator, type Migration } from '@mikro-orm/migrations';
import pg from 'pg';
import { ConfigError } from '../process/config.ts';
import type { Logger } from '../process/log.ts';
import { NotReady, READ_ONLY } from '../process/readiness.ts';
import { connectFailure } from './connect-failure.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { sessionSettings } from './session-settings.ts';
import { endConnections, endWhenSilent } from './silent-connections.ts';
import { waitForFreeConnection } from './wait-for-free-connection.ts';
import { hostAddresses } from './host-addresses.ts';
import { currentAddress, findPrimary, followPrimary } from './primary-host.ts';
import { traceStatements } from '../tracing/traced-client.ts';
import { isTracing } from '../tracing/tracer.ts';
import { ACCEPTS_WRITES } from './accepts-writes.sql.ts';

export type { EntityManager };
export type Orm = MikroORM;
export type EntityClass = abstract new () => object;
export type MigrationStep = {
  name: string;
  class: new (...args: ConstructorParameters<typeof Migration>) => Migration;
};

/** Entities and migrations that the composition root gathers from the domains. */
export interface DatabaseModel {
  entities: EntityClass[];
  /** In the order in which they run; a released step is never changed. */
  migrations: MigrationStep[];
}

const OLDEST_SERVER_VERSION = 150_000;
/** One number for all hubs that share a database, so that only one of them migrates at a time. */
const MIGRATION_LOCK = 4_713_001;

/** The address of the database to use, and what ends it where it is our own. `onLost`: our own has ended by itself. */
export async function locateDatabase(options: {
  databaseUrl: string | undefined;
  clusterFolder: string;
  /** With it, the primary among several hosts is followed; a command that ends soon needs none. */
  log?: Logger;
  onLost: (error: Error) => void;
}): Promise<{ url: string; stop: () => Promise<void> }> {
  const { databaseUrl, log } = options;
  if (databaseUrl) {
    await requirePrimary(databaseUrl);
    return { url: databaseUrl, stop: log ? followPrimary(databaseUrl, log) : async () => undefined };
  }
  const server = await startEmbeddedPostgres({ folder: options.clusterFolder, onLost: options.onLost });
  return { url: await server.databaseUrl('orderweave'), stop: () => server.stop() };
}

/** Time limits of the pool's sessions, in ms: imports and routing take longer than reads. */
const LIMITS = { lockMs: 10_000, statementMs: 30_000, idleInTransactionMs: 10_000 };
/** A migration may rewrite a table. */
const NO_LIMITS = { lockMs: 0, statementMs: 0, idleInTransactionMs: 0 };
const CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_POOL_SIZE = 16;

export interface OrmOptions {
  /** Most connections of the pool; whoever finds none free waits. */
  poolSize?: number;
  /** Without time limits of statements, for migrations. */
  unlimited?: boolean;
  extra?: Options;
}

/** Connects the pool that reads, imports and routing share. Nothing is sent before the first statement. */
export async function connectOrm(
  url: string,
  model: DatabaseModel,
  { poolSize = DEFAULT_POOL_SIZE, unlimited = false, extra = {} }: OrmOptions = {},
): Promise<Orm> {
  const limits = unlimited ? NO_LIMITS : LIMITS;
  return MikroORM.init({
    clientUrl: currentAddress(url),
    entities: model.entities,
    metadataProvider: ReflectMetadataProvider,
    forceUtcTimezone: true,
    extensions: [Migrator],
    migrations: { migrationsList: model.migrations, snapshot: false, silent: true },
    pool: { min: 1, max: poolSize },
    driverOptions: {
      ...sessionSettings(limits),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      Client: clientOfPrimary(url),
      onPoolCreated: (pool: pg.Pool) => {
        pool.on('connect', (client) => {
          if (!unlimited) endWhenSilent(client, url, limits.statementMs + 1_000);
          if (isTracing()) traceStatements(client);
        });
        waitForFreeConnection(pool, CONNECT_TIMEOUT_MS);
      },
    },
    ...extra,
  });
}

/**
 * Migrates the schema to the newest step. Every step is one transaction, and one process at a time takes them, so a
 * kill or a second hub in the middle leaves a step done or not begun.
 * @throws ConfigError when the server is older than PostgreSQL 15, or cannot be spoken to
 */
export async function migrate(url: string, model: DatabaseModel): Promise<void> {
  const guard = await connectGuard(currentAddress(url));
  try {
    const { rows } = await guard.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    );
    if (rows[0]!.version < OLDEST_SERVER_VERSION)
      throw new ConfigError(
        `DATABASE_URL: PostgreSQL 15 or newer is needed; the server says ${rows[0]!.version}`,
      );
    await guard.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    if (await isMigrated(guard, model)) return;
    const orm = await connectOrm(url, model, { unlimited: true });
    try {
      await orm.migrator.up();
    } finally {
      await orm.close();
    }
  } finally {
    await guard.end(); // ends the lock with the session
  }
}

async function connectGuard(address: string): Promise<pg.Client> {
  const guard = new pg.Client({
    connectionString: address,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  guard.on('error', () => undefined); // what is under way fails
  try {
    await guard.connect();
  } catch (error) {
    throw connectFailure(error, address) ?? error;
  }
  return guard;
}

/** Checks that the database takes writes. @throws NotReady when it is a standby; an error of the driver when it does not answer */
export async function requireWritable(orm: Orm, url: string): Promise<void> {
  const [row] = await orm.em.fork().execute<{ writable: boolean }[]>(ACCEPTS_WRITES);
  if (row!.writable) return;
  // Connections to a demoted server stay there: new ones find the primary, where the address leads to it.
  endConnections(url, 'The database is read-only: it is not the primary any more.');
  throw new NotReady(READ_ONLY);
}

/** Whether every step has run: most starts find nothing to do, and need no second pool. */
async function isMigrated(guard: pg.Client, { migrations }: DatabaseModel): Promise<boolean> {
  const { rows: tables } = await guard.query<{ exists: boolean }>(
    `select to_regclass('mikro_orm_migrations') is not null as exists`,
  );
  if (!tables[0]!.exists) return false;
  const { rows } = await guard.query<{ name: string }>('select name from mikro_orm_migrations');
  const done = new Set(rows.map(({ name }) => name));
  return migrations.every(({ name }) => done.has(name));
}

/** The driver's client, but each new connection goes to the host that takes writes at the moment. */
function clientOfPrimary(address: string): typeof pg.Client {
  if ((hostAddresses(address)?.length ?? 1) < 2) return pg.Client;
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      const { hostname, port } = new URL(currentAddress(address));
      // The pool hides the password from copies.
      super({
        ...config,
        password: config?.password,
        host: hostname.replace(/^\[(.*)\]$/, '$1'),
        port: Number(port || 5432),
      });
    }
  } as typeof pg.Client;
}

/** @throws ConfigError when, of several hosts, none takes writes; a single host is left to the first connection */
async function requirePrimary(address: string): Promise<void> {
  const hosts = hostAddresses(address) ?? [];
  if (hosts.length < 2 || (await findPrimary(address))) return;
  throw new ConfigError(`DATABASE_URL: none of its ${hosts.length} hosts answers and takes writes`);
}
