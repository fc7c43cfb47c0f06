import type { Connector } from '../../connectors/spi/index.ts';
import { AttemptLimit } from '../platform/api/attempt-limit.ts';
import { freshnessBy, type FreshnessOf } from '../platform/api/source-freshness.ts';
import { defineAccess } from '../platform/module-access.ts';
import type { HubModule } from '../platform/module.ts';
import { pushRoutes } from './api/push-routes.ts';
import { SourceWritesResolver } from './api/source-writes.resolver.ts';
import { SyncResolver } from './api/sync.resolver.ts';
import { ImporterRegistry } from './ingest/record-importers.ts';
import { syncMigrations } from './migrations/sync.migrations.ts';
import { sourcesAccepting } from './outbound/write-dispatcher.ts';
import type { WriteKind } from './outbound/write-outbox.ts';
import { configuredSources } from './runtime/configured-sources.ts';
import { ConnectorRuntime } from './runtime/connector-runtime.ts';
import { registerSourceLag, sourceGauges } from './runtime/source.metrics.ts';
import { SourceTaskRegistry } from './runtime/source-task-registry.ts';

interface SyncNeeds {
  /** Connectors that a merchant may configure sources of, by name. */
  connectors: ReadonlyMap<string, Connector>;
  /** The source that is always there. */
  importFolder: { connector: Connector; folder: string };
}

/** The runtime of sources, for the domains whose records it moves. */
export interface SyncServices {
  readonly importers: ImporterRegistry;
  readonly tasks: SourceTaskRegistry;
  readonly freshnessOf: FreshnessOf;
  /** The names of sources in answers. */
  readonly knownSources: () => readonly string[];
  /** Whether the source of an id is there and takes a kind of writes. */
  readonly takesWrites: (kind: WriteKind) => (connector: string) => boolean;
  /** Reads the import folder to its end, before it is watched. */
  readonly readImportFolder: () => Promise<void>;
  /** Begins to read, once every domain has registered what it does. */
  readonly startSources: () => Promise<void>;
  readonly stopSources: () => Promise<void>;
}

const resolvers = [SyncResolver, SourceWritesResolver];

export const syncModule = {
  name: 'sync',
  migrations: syncMigrations,
  resolvers,
  subgraphs: { operations: { resolvers } },
  access: defineAccess({
    declare: {
      'connector:read': 'Sources, dead letters and failed writes.',
      'connector:write':
        'Retrying dead letters and failed writes; pausing, resuming and reading sources again.',
    },
    fields: {
      'Query.connectors': 'connector:read',
      'Query.deadLetters': 'connector:read',
      'Query.failedWrites': 'connector:read',
      'Mutation.retryDeadLetters': 'connector:write',
      'Mutation.retryAllDeadLetters': 'connector:write',
      'Mutation.retryFailedWrites': 'connector:write',
      'Mutation.pauseConnector': 'connector:write',
      'Mutation.resumeConnector': 'connector:write',
      'Mutation.resyncConnector': 'connector:write',
    },
  }),
  gauges: sourceGauges,
  async build(core, { connectors, importFolder: { connector, folder } }) {
    const { config, orm, log, clock, clientAddress } = core;
    const registries = { importers: new ImporterRegistry(), tasks: new SourceTaskRegistry() };
    const shared = { em: orm.em, importers: registries.importers.importers, tasks: registries.tasks, log };
    const files = new ConnectorRuntime({
      ...shared,
      id: connector.spec.id,
      kind: connector.spec.kind,
      source: connector.open({ folder }),
      isElected: () => config.outgoing && config.jobs,
    });
    const sources = await configuredSources(core, connectors, shared);
    const runtimes = [files, ...sources.map(({ runtime }) => runtime)];
    const healthOf = (source: string) =>
      runtimes.map((runtime) => runtime.healthOfSource(source)).find((health) => health !== undefined);
    const refused = new AttemptLimit({
      failures: config.wrongKeysPerMinute,
      seconds: 60,
      says: 'Too many pushes with a wrong signature came from this address',
    });
    return {
      provides: {
        ...registries,
        freshnessOf: freshnessBy(healthOf, clock),
        knownSources: () => runtimes.flatMap((runtime) => runtime.sourceNames()),
        takesWrites: (kind) => sourcesAccepting(runtimes, kind),
        readImportFolder: () => files.sync(),
        async startSources() {
          await files.start();
          await Promise.all(sources.map((source) => source.start()));
        },
        async stopSources() {
          await Promise.all([files.stop(), ...sources.map((source) => source.stop())]);
        },
      },
      resolvers: [new SyncResolver(runtimes), new SourceWritesResolver()],
      routes: [pushRoutes({ runtimes, refused, clientAddress, log })],
      start: async () => registerSourceLag(runtimes),
    };
  },
} satisfies HubModule<SyncNeeds, SyncServices>;
