import 'reflect-metadata';
import { readdirSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { filesConnector } from '../connectors/files/index.ts';
import { generateSampleShop } from '../connectors/files/sample-shop/index.ts';
import {
  SubscriberGroups,
  AtpFeed,
  CHANNEL_OVERSOLD,
  GroupCommit,
  expiredHoldJob,
  SubscriptionLookup,
  PROMISE_BREACH,
  datedPromiseJob,
  StockEngine,
  quotaRebalancingJob,
  channelOversoldActions,
  createInventoryResolvers,
  promiseBreachActions,
  availabilitySource,
} from './inventory/index.ts';
import {
  ReviewService,
  ReviewFeed,
  ReviewResolver,
  reviewDeadlineJob,
  reviewGauges,
} from './review/index.ts';
import { CustomerResolver, IdentityLookup, freshnessBy } from './customer/index.ts';
import { createAftersalesResolvers } from './aftersales/index.ts';
import { createAssistResolvers } from './assist/index.ts';
import { createOrderResolvers, linesByReference, readLineQuantities } from './order/index.ts';
import {
  DecisionPool,
  RoutingJob,
  createRoutingResolvers,
  ensureStarterRules,
  FulfilmentService,
  OrderRouter,
  routingActions,
  routingGauges,
  RoutingFeed,
  type RoutingNews,
} from './routing/index.ts';
import {
  ConnectorRuntime,
  createSyncResolvers,
  pushRoutes,
  queueFulfilment,
  registerSourceLag,
  sourceGauges,
  sourcesAccepting,
} from './sync/index.ts';
import { housekeepingJob } from './housekeeping.ts';
import { JobsResolver } from './operations/index.ts';
import { startSources } from './start-sources.ts';
import { Webhooks, webhookGauges } from './webhooks/index.ts';
import { buildHubSchema } from './graph/execution/build-schema.ts';
import { metricsRoute } from './graph/http/metrics-route.ts';
import { startServer } from './graph/http/server.ts';
import { recordImporters } from './record-importers.ts';
import { databaseModel, resolverClasses, subgraphs } from './model.ts';
import { AttemptLimit } from './platform/api/attempt-limit.ts';
import { clientAddressBehind } from './platform/process/client-address.ts';
import { KeyAccess, KeysResolver } from './access/index.ts';
import { enforceScopes } from './graph/policy/enforce-scopes.ts';
import { scopeTable, scopes } from './scopes.ts';
import { DatabaseGauges } from './platform/metrics/database-gauges.ts';
import { startMetricsServer } from './platform/metrics/metrics-server.ts';
import { startProcessMetrics } from './platform/metrics/registry.ts';
import { JobRunner } from './platform/jobs/job-runner.ts';
import { startChangeBus } from './platform/bus/index.ts';
import { systemClock } from './platform/process/clock.ts';
import type { Config } from './platform/process/config.ts';
import {
  connectOrm,
  locateDatabase,
  migrate,
  requireWritable,
  type Orm,
} from './platform/database/database.ts';
import { claimDataDir } from './platform/process/data-dir.ts';
import type { Logger } from './platform/process/log.ts';
import { loadSecretBox } from './platform/process/secret-box.ts';
import { checkReadiness } from './platform/process/readiness.ts';
import { shortenDeadlines } from './platform/database/silent-connections.ts';
import { Shutdown } from './platform/process/shutdown.ts';
import { RequestContext } from './platform/api/request-context.ts';
import { adminKeyAccess, loadAdminKey, type AdminKey } from './access/admin-key.ts';
import { systemActors } from './platform/api/system-actors.ts';

/** Stops before supervisors send SIGKILL, in ms: 30 s is usual. */
const STOP_MS = 20_000;
/** While the hub stops, the database may be silent for this long: what hangs on it is to end in order. */
const STOP_ANSWER_MS = 3_000;

export interface Hub {
  url: string;
  adminKey: AdminKey;
  /**
   * Ends what runs, in the reverse order of its start: requests, sources, engine, database.
   * @throws Error naming what has not ended, or not cleanly
   */
  stop: () => Promise<void>;
}

/**
 * The composition root: the only place that knows every part.
 * @param onBroken told when the hub cannot go on, e.g. because its own PostgreSQL has ended
 */
export async function startHub(config: Config, log: Logger, onBroken: (error: Error) => void): Promise<Hub> {
  const started = new Shutdown(log);
  try {
    // First of all: what is in the folder is ours to read, and to write, from here on.
    started.onStop(
      'the lock of the data folder',
      await claimDataDir(config.dataDir, { log, onLost: onBroken }),
    );
    const adminKey = loadAdminKey(config.adminKey, config.dataDir);
    const database = await locateDatabase({
      databaseUrl: config.databaseUrl,
      clusterFolder: path.join(config.dataDir, 'postgres'),
      log,
      onLost: onBroken,
    });
    started.onStop('PostgreSQL', database.stop);
    const orm = await connectOrm(database.url, databaseModel, { poolSize: config.databasePool });
    started.onStop('the connections to the database', () => orm.close());
    await migrate(database.url, databaseModel);
    const url = await startParts({ ...config, adminKey: adminKey.key }, database.url, orm, log, started);
    const stop = () => {
      shortenDeadlines(database.url, STOP_ANSWER_MS);
      return started.stop(STOP_MS);
    };
    return { url, adminKey, stop };
  } catch (error) {
    await started
      .stop(STOP_MS)
      .catch((failure: unknown) => log.error({ err: failure }, 'the hub did not stop cleanly'));
    throw error;
  }
}

async function startParts(
  config: Config & { adminKey: string },
  databaseUrl: string,
  orm: Orm,
  log: Logger,
  started: Shutdown,
): Promise<string> {
  const bus = await startChangeBus({ nats: config.nats, databaseUrl }, log);
  started.onStop('the change bus', () => bus.close());
  const feed = new AtpFeed(bus, availabilitySource(orm.em), log);
  started.onStop('the live feed', () => feed.close());
  const jobs = new JobRunner({ databaseUrl, log });
  const webhooks = new Webhooks({
    em: orm.em,
    databaseUrl,
    bus,
    feed,
    box: loadSecretBox(config),
    targets: config.webhookTargets,
    isSending: config.outgoing,
    wakeJob: (name) => jobs.wake(name),
    log,
  });
  const reviewFeed = new ReviewFeed(bus, orm.em, log);
  started.onStop('the feed of review tasks', () => reviewFeed.close());
  const committer = new GroupCommit(databaseUrl, log, ({ changed, openedTasks }) => {
    feed.publish(changed);
    reviewFeed.publish(openedTasks);
    webhooks.nudge();
  });
  started.onStop('the promise engine', () => committer.close());
  const engine = new StockEngine((submission) => committer.submit(submission));
  const routingFeed = new RoutingFeed(bus, orm.em, log);
  started.onStop('the feed of routing decisions', () => routingFeed.close());
  const tellRouting = ({ decided, openedTasks }: RoutingNews) => {
    routingFeed.publish(decided);
    reviewFeed.publish(openedTasks);
    webhooks.nudge();
  };
  await ensureStarterRules(orm.em.fork());
  const deciders = new DecisionPool({ workers: config.routingWorkers, log });
  started.onStop('the routing workers', () => deciders.close());
  const router = new OrderRouter(orm.em, engine, deciders, tellRouting);
  const routing = new RoutingJob(orm.em, engine, router, tellRouting, log);
  const desk = new ReviewService(
    orm.em,
    new Map([
      [PROMISE_BREACH, promiseBreachActions],
      [CHANNEL_OVERSOLD, channelOversoldActions],
      ...routingActions(engine),
    ]),
    log,
    (taskIds) => reviewFeed.publish(taskIds),
  );

  const importFolder = path.join(config.dataDir, 'import');
  // Without jobs, orders that wait are found by the process that has them.
  const wakeRouter = () => jobs.wake(routing.name);
  const importers = recordImporters(engine, wakeRouter);
  const files = new ConnectorRuntime({
    id: filesConnector.spec.id,
    kind: filesConnector.spec.kind,
    source: filesConnector.open({ folder: importFolder }),
    em: orm.em,
    importers,
    log,
    isElected: () => config.outgoing && config.jobs,
  });
  if (await prepareImportFolder(config, orm, importFolder)) {
    await files.sync();
    await routing.run(); // the shop opens with its paid orders routed
  }
  await files.start();
  started.onStop('the files connector', () => files.stop());
  const sources = await startSources({ config, databaseUrl, orm, bus, importers, log, started });
  const runtimes = [files, ...sources];

  const takesFulfilments = sourcesAccepting(runtimes, 'FULFILMENT');
  const fulfilmentDesk = new FulfilmentService(orm.em, engine, wakeRouter, (em, { id, orderId }) =>
    queueFulfilment(em, takesFulfilments, { shipmentId: id, orderId }),
  );
  const freshnessOf = freshnessBy(
    (source) =>
      runtimes.map((runtime) => runtime.healthOfSource(source)).find((health) => health !== undefined),
    systemClock,
  );
  const lookup = new IdentityLookup(
    new AttemptLimit({
      failures: config.missedLookups,
      seconds: 600,
      says: 'This key has looked up too many identities that nobody has',
    }),
  );
  const clientAddress = clientAddressBehind(config.trustedProxies);
  const wrongKeys = new AttemptLimit({
    failures: config.wrongKeysPerMinute,
    seconds: 60,
    says: 'Too many wrong keys came from this address',
  });
  const access = new KeyAccess(adminKeyAccess(config.adminKey), orm.em, bus, wrongKeys, log);
  started.onStop('the keys', () => access.close());
  const schema = await buildHubSchema(resolverClasses, [
    new KeysResolver(access, new Set(Object.keys(scopes))),
    new ReviewResolver(desk),
    ...createInventoryResolvers(
      engine,
      {
        shippedQuantities: ({ em }, lines) => readLineQuantities(em, lines),
        linesOfOrders: linesByReference,
      },
      (places) => feed.publish(places),
    ),
    new CustomerResolver(freshnessOf, lookup),
    ...createOrderResolvers(freshnessOf),
    ...createAftersalesResolvers(freshnessOf),
    ...createRoutingResolvers(router, deciders, fulfilmentDesk),
    ...createAssistResolvers({
      freshnessOf,
      lookup,
      knownSources: () => runtimes.flatMap((runtime) => runtime.sourceNames()),
    }),
    ...createSyncResolvers(runtimes),
    webhooks.resolver,
    new JobsResolver(() => jobs.reports()),
  ]);
  const resources = new Map<unknown, object>([
    [AtpFeed, feed],
    [SubscriberGroups, new SubscriberGroups(feed)],
    [
      SubscriptionLookup,
      new SubscriptionLookup(feed, () => new RequestContext(systemActors.hub, () => orm.em.fork())),
    ],
    [ReviewFeed, reviewFeed],
    [RoutingFeed, routingFeed],
  ]);
  await webhooks.start();
  started.onStop('the webhooks', () => webhooks.stop());
  for (const job of webhooks.jobs) jobs.add(job);
  if (config.jobs)
    for (const job of [
      datedPromiseJob(orm.em, engine),
      expiredHoldJob(orm.em, engine, () => webhooks.hasSubscribers('reservation.expired')),
      quotaRebalancingJob(orm.em, (places) => feed.publish(places)),
      reviewDeadlineJob(desk),
      routing,
      housekeepingJob(orm, config, log),
    ])
      jobs.add(job);
  jobs.start();
  started.onStop('the jobs', () => jobs.stop());
  // So that the first command finds a connection, also when others have used up the server's by then.
  await committer
    .check()
    .catch((error: unknown) => log.warn({ err: error }, 'the promise engine is not ready'));
  const server = await startServer(
    {
      schema: enforceScopes(schema, scopeTable),
      subgraphs: { model: subgraphs, mounted: config.subgraphs },
      access,
      clientAddress,
      contextOf: (actor, requestId) => new RequestContext(actor, () => orm.em.fork(), resources, requestId),
      readiness: () =>
        checkReadiness({
          database: () => requireWritable(orm, databaseUrl),
          engine: () => committer.check(),
        }),
      drainMs: config.drainMs,
      routes: [
        metricsRoute({ access, clientAddress }),
        pushRoutes({
          runtimes,
          refused: new AttemptLimit({
            failures: config.wrongKeysPerMinute,
            seconds: 60,
            says: 'Too many pushes with a wrong signature came from this address',
          }),
          clientAddress,
          log,
        }),
      ],
      connectionLimits: config.connections,
      socketLimits: config.sockets,
      costLimits: config.cost,
      slowOperationMs: config.slowOperationMs,
      log,
    },
    config,
  );
  started.onStop('the server', () => server.drain());
  registerSourceLag(runtimes);
  startProcessMetrics();
  const counts = new DatabaseGauges(databaseUrl, [
    ...sourceGauges,
    ...reviewGauges,
    ...routingGauges,
    ...webhookGauges,
  ]);
  counts.register();
  started.onStop('the counts of the metrics', () => counts.close());
  if (config.metrics) {
    const metrics = await startMetricsServer(config.metrics);
    log.info({ url: metrics.url }, 'metrics are served without a key');
    started.onStop('the metrics', () => metrics.close());
  }
  return server.url;
}

/** Makes the folder that the files connector watches. @returns whether the sample shop was just put into it */
async function prepareImportFolder(config: Config, orm: Orm, folder: string): Promise<boolean> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!config.sample || !config.outgoing || !config.jobs) return false;
  if (readdirSync(folder).length > 0) return false;
  const [row] = await orm.em.fork().execute<{ used: boolean }[]>('select exists (select 1 from sku) as used');
  if (row!.used) return false;
  await generateSampleShop({ folder, anchor: systemClock.now() });
  return true;
}
