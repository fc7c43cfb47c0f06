import type { FastifyInstance } from 'fastify';
import type { Actor } from './api/actor.ts';
import type { RequestContext } from './api/request-context.ts';
import type { ResolverClass, SubgraphParts } from './api/subgraph-parts.ts';
import type { Subscriptions } from './api/subscribe.ts';
import type { ChangeBus } from './bus/change-bus.ts';
import type { Signals } from './bus/signals.ts';
import type { EntityClass, MigrationStep, Orm } from './database/database.ts';
import type { Job } from './jobs/job.ts';
import type { JobRunner } from './jobs/job-runner.ts';
import type { DatabaseGauge } from './metrics/database-gauges.ts';
import type { ModuleAccess } from './module-access.ts';
import type { ClientAddress } from './process/client-address.ts';
import type { Clock } from './process/clock.ts';
import type { Config, SubgraphName } from './process/config.ts';
import type { Logger } from './process/log.ts';

/** The parts of the hub that every domain may use. */
export interface HubCore {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly orm: Orm;
  readonly bus: ChangeBus;
  readonly signals: Signals;
  readonly jobs: Pick<JobRunner, 'wake' | 'reports'>;
  readonly clock: Clock;
  readonly clientAddress: ClientAddress;
  /** The scopes that the modules declare. */
  readonly scopes: ReadonlySet<string>;
  /** A context for one operation. */
  readonly contextOf: (actor: Actor, requestId?: string) => RequestContext;
  readonly log: Logger;
}

/**
 * A domain, as the composition root takes it: what is known without starting anything, and how it is built. Modules are
 * listed in `model.ts`, and built in `hub.ts`, those first that others need (docs/architecture.md).
 */
export interface HubModule<Needs = object, Provides = object> {
  readonly name: string;
  readonly entities?: readonly EntityClass[];
  /** In the order in which they run; a released step is never changed. */
  readonly migrations?: readonly MigrationStep[];
  readonly resolvers: readonly ResolverClass[];
  /** Its parts of the subgraphs: mostly of one, which bears its name. */
  readonly subgraphs: { readonly [Name in SubgraphName]?: SubgraphParts };
  readonly access: ModuleAccess;
  /** Counts for the metrics. */
  readonly gauges?: readonly DatabaseGauge[];
  /** Creates and registers. Reads no table, starts no loop, opens no connection. */
  build(core: HubCore, needs: Needs): BuiltModule<Provides> | Promise<BuiltModule<Provides>>;
}

/** A domain with its collaborators. */
export interface BuiltModule<Provides> {
  /** Services for modules that are built later. */
  readonly provides: Provides;
  /** One instance of each class that the module names. */
  readonly resolvers: readonly object[];
  readonly subscriptions?: Subscriptions;
  readonly jobs?: readonly Job[];
  readonly routes?: readonly ((app: FastifyInstance) => Promise<void>)[];
  /** After all are built, in the order of the list. */
  start?(): Promise<void>;
  /** In the reverse order; what is under way ends first. */
  stop?(): Promise<void>;
}
