import 'reflect-metadata';
import path from 'node:path';
import { accessModule } from './access/access.module.ts';
import type { AdminKey } from './access/admin-key.ts';
import { aftersalesModule } from './aftersales/aftersales.module.ts';
import { assistModule } from './assist/assist.module.ts';
import { importFolderConnector, knownConnectors } from './connectors.ts';
import { customerModule } from './customer/customer.module.ts';
import { buildHubSchema } from './graph/execution/build-schema.ts';
import { metricsRoute } from './graph/http/metrics-route.ts';
import { startServer } from './graph/http/server.ts';
import { enforceScopes } from './graph/policy/enforce-scopes.ts';
import { housekeepingJob } from './housekeeping.ts';
import { inventoryModule } from './inventory/inventory.module.ts';
import { databaseModel, modules, resolverClasses, scopeTable, subgraphs } from './model.ts';
import { openCore } from './open-core.ts';
import { operationsModule } from './operations/operations.module.ts';
import { linesByReference, readLineQuantities } from './order/index.ts';
import { orderModule } from './order/order.module.ts';
import { requireWritable } from './platform/database/database.ts';
import { shortenDeadlines } from './platform/database/silent-connections.ts';
import type { JobRunner } from './platform/jobs/job-runner.ts';
import type { HubCore } from './platform/module.ts';
import type { Config } from './platform/process/config.ts';
import type { Logger } from './platform/process/log.ts';
import { checkReadiness } from './platform/process/readiness.ts';
import { Shutdown } from './platform/process/shutdown.ts';
import { prepareSampleShop } from './prepare-sample-shop.ts';
import { reviewModule } from './review/review.module.ts';
import { routingModule } from './routing/routing.module.ts';
import { serveMetrics } from './serve-metrics.ts';
import { ModuleList } from './module-list.ts';
import { syncModule } from './sync/sync.module.ts';
import { webhooksModule } from './webhooks/webhooks.module.ts';

/** Stops before supervisors send SIGKILL, in ms: 30 s is usual. */
const STOP_MS = 20_000;
/** While the hub stops, the database may be silent for this long: what hangs on it is to end in order. */
const STOP_ANSWER_MS = 3_000;

/** A running hub. */
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
    const { core, jobs, adminKey } = await openCore(config, databaseModel, { log, started, onBroken });
    const url = await startParts(core, jobs, adminKey.key, started);
    const stop = () => {
      shortenDeadlines(core.databaseUrl, STOP_ANSWER_MS);
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
  core: HubCore,
  jobs: JobRunner,
  adminKey: string,
  started: Shutdown,
): Promise<string> {
  const { config, databaseUrl, orm, clientAddress, contextOf, log } = core;
  const list = new ModuleList(core, started);
  const access = await list.build(accessModule, { adminKey });
  const review = await list.build(reviewModule, {});
  const folder = path.join(config.dataDir, 'import');
  const importFolder = { connector: importFolderConnector, folder };
  const sync = await list.build(syncModule, { connectors: knownConnectors, importFolder });
  const inventory = await list.build(inventoryModule, {
    review,
    sync,
    orders: {
      shippedQuantities: ({ em }, lines) => readLineQuantities(em, lines),
      linesOfOrders: linesByReference,
    },
  });
  const { engine } = inventory;
  const { lookup } = await list.build(customerModule, { sync });
  await list.build(orderModule, { sync, engine });
  await list.build(aftersalesModule, { sync });
  const routing = await list.build(routingModule, { review, sync, engine });
  await list.build(assistModule, { sync, lookup });
  await list.build(webhooksModule, { inventory });
  await list.build(operationsModule, {});

  const schema = await buildHubSchema(resolverClasses, list.resolvers, list.subscriptions);
  list.requireWhole(modules, schema);
  await list.start();
  if (await prepareSampleShop(core, folder)) {
    await sync.readImportFolder();
    await routing.routeWaiting(); // the shop opens with its paid orders routed
  }
  for (const job of [...list.jobs, housekeepingJob(orm, config, log)])
    if (config.jobs || job.followsRequests) jobs.add(job);
  jobs.start();
  started.onStop('the jobs', () => jobs.stop());
  started.onStop('the sources', () => sync.stopSources()); // also those that have started when another one fails
  await sync.startSources();
  const server = await startServer(
    {
      schema: enforceScopes(schema, scopeTable),
      subgraphs: { model: subgraphs, mounted: config.subgraphs },
      access,
      clientAddress,
      contextOf,
      readiness: () =>
        checkReadiness({
          database: () => requireWritable(orm, databaseUrl),
          engine: () => inventory.checkEngine(),
        }),
      drainMs: config.drainMs,
      routes: [metricsRoute({ access, clientAddress }), ...list.routes],
      connectionLimits: config.connections,
      socketLimits: config.sockets,
      costLimits: config.cost,
      slowOperationMs: config.slowOperationMs,
      log,
    },
    config,
  );
  started.onStop('the server', () => server.drain());
  await serveMetrics(core, list.gauges, started);
  return server.url;
}
