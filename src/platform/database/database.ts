import { MikroORM, type EntityManager, type Options } from '@mikro-orm/postgresql';
import { ReflectMetadataProvider } from '@mikro-orm/decorators/legacy';
import { Migrator, type Migration } from '@mikro-orm/migrations';
import pg from 'pg';
import { ConfigError } from '../process/config.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

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
  onLost: (error: Error) => void;
}): Promise<{ url: string; stop: () => Promise<void> }> {
  if (options.databaseUrl) return { url: options.databaseUrl, stop: async () => undefined };
  const server = await startEmbeddedPostgres({ folder: options.clusterFolder, onLost: options.onLost });
  return { url: await server.databaseUrl('orderweave'), stop: () => server.stop() };
}

export async function connectOrm(url: string, model: DatabaseModel, extra: Options = {}): Promise<Orm> {
  return MikroORM.init({
    clientUrl: url,
    entities: model.entities,
    metadataProvider: ReflectMetadataProvider,
    forceUtcTimezone: true,
    extensions: [Migrator],
    migrations: { migrationsList: model.migrations, snapshot: false, silent: true },
    pool: { min: 1, max: 16 },
    ...extra,
  });
}

/**
 * Migrates the schema to the newest step. Every step is one transaction, and one process at a time takes them, so a
 * kill or a second hub in the middle leaves a step done or not begun.
 * @throws ConfigError when the server is older than PostgreSQL 15
 */
export async function migrate(url: string, orm: Orm): Promise<void> {
  const guard = new pg.Client({ connectionString: url });
  await guard.connect();
  try {
    const { rows } = await guard.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    );
    if (rows[0]!.version < OLDEST_SERVER_VERSION)
      throw new ConfigError(
        `DATABASE_URL: PostgreSQL 15 or newer is needed; the server says ${rows[0]!.version}`,
      );
    await guard.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await orm.migrator.up();
  } finally {
    await guard.end(); // ends the lock with the session
  }
}
