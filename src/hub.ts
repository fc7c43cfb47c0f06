import 'reflect-metadata';
import { readdirSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { filesConnector } from '../connectors/files/index.ts';
import { generateSampleShop } from '../connectors/files/sample-shop/index.ts';
import {
  AtpFeed,
  GroupCommit,
  PROMISE_BREACH,
  PromiseEngine,
  createInventoryResolvers,
  promiseBreachActions,
  readPromises,
} from './inventory/index.ts';
import { ReviewDesk, ReviewFeed, ReviewResolver } from './review/index.ts';
import { CustomerResolver, freshnessBy } from './customer/index.ts';
import { createAftersalesResolvers } from './aftersales/index.ts';
import { createAssistResolvers } from './assist/index.ts';
import { createOrderResolvers, shippedQuantities } from './order/index.ts';
import { ConnectorRuntime, SyncResolver } from './sync/index.ts';
import { buildHubSchema } from './graph/schema.ts';
import { startServer } from './graph/server.ts';
import { intakesOf } from './intakes.ts';
import { databaseModel, resolverClasses } from './model.ts';
import { adminKeyAccess } from './platform/access.ts';
import { startPostgresBus } from './platform/change-bus.ts';
import { systemClock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { connectOrm, locateDatabase, migrate, type Orm } from './platform/database.ts';
import { claimDataDir } from './platform/data-dir.ts';
import { forgetOldKeys } from './platform/idempotency.ts';
import type { Logger } from './platform/log.ts';
import { RequestContext } from './platform/request-context.ts';

const IDEMPOTENCY_DAYS = 7;
const HOUSEKEEPING_MS = 3_600_000;

export interface Hub {
  url: string;
  /** Ends what runs, in the reverse order of its start: requests, sources, engine, database. */
  stop: () => Promise<void>;
}

/** The composition root: the only place that knows every part. */
export async function startHub(config: Config & { adminKey: string }, log: Logger): Promise<Hub> {
  const started: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const end of started.splice(0).toReversed()) await end();
  };
  try {
    started.push(claimDataDir(config.dataDir));
    const database = await locateDatabase({
      databaseUrl: config.databaseUrl,
      clusterFolder: path.join(config.dataDir, 'postgres'),
    });
    started.push(database.stop);
    const orm = await connectOrm(database.url, databaseModel);
    started.push(() => orm.close());
    await migrate(database.url, orm);
    const url = await startParts(config, database.url, orm, log, started);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  config: Config & { adminKey: string },
  databaseUrl: string,
  orm: Orm,
  log: Logger,
  started: (() => Promise<void> | void)[],
): Promise<string> {
  const bus = await startPostgresBus(databaseUrl, log);
  started.push(() => bus.close());
  const feed = new AtpFeed(bus, (places) => readPromises(orm.em.fork(), places), log);
  started.push(() => feed.close());
  const reviewFeed = new ReviewFeed(bus, orm.em, log);
  started.push(() => reviewFeed.close());
  const committer = new GroupCommit(databaseUrl, log, ({ changed, openedTasks }) => {
    feed.publish(changed);
    reviewFeed.publish(openedTasks);
  });
  started.push(() => committer.close());
  const engine = new PromiseEngine((submission) => committer.submit(submission));
  const desk = new ReviewDesk(orm.em, new Map([[PROMISE_BREACH, promiseBreachActions]]), log);
  desk.start();
  started.push(() => desk.stop());

  const importFolder = path.join(config.dataDir, 'import');
  const files = new ConnectorRuntime({
    connector: filesConnector,
    config: { folder: importFolder },
    em: orm.em,
    intakes: intakesOf(engine, (places) => feed.publish(places)),
    log,
  });
  if (await prepareImportFolder(config, orm, importFolder)) await files.sync();
  await files.start();
  started.push(() => files.stop());

  const freshnessOf = freshnessBy((source) => files.healthOf(source), systemClock);
  const schema = await buildHubSchema(resolverClasses, [
    new ReviewResolver(desk),
    ...createInventoryResolvers(engine, ({ em }, lines) => shippedQuantities(em, lines)),
    new CustomerResolver(freshnessOf),
    ...createOrderResolvers(freshnessOf),
    ...createAftersalesResolvers(freshnessOf),
    ...createAssistResolvers({ freshnessOf, knownSources: () => files.streamNames() }),
    new SyncResolver([files]),
  ]);
  const resources = new Map<unknown, object>([
    [AtpFeed, feed],
    [ReviewFeed, reviewFeed],
  ]);
  const server = await startServer(
    {
      schema,
      access: adminKeyAccess(config.adminKey),
      contextOf: (actor) => new RequestContext(actor, orm.em.fork(), resources),
      isReady: () => orm.isConnected(),
      log,
    },
    config,
  );
  started.push(() => server.drain());
  started.push(keepHouse(orm, log));
  return server.url;
}

/** Makes the folder that the files connector watches. @returns whether the sample shop was just put into it */
async function prepareImportFolder(config: Config, orm: Orm, folder: string): Promise<boolean> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!config.sample || readdirSync(folder).length > 0) return false;
  const [row] = await orm.em.fork().execute<{ used: boolean }[]>('select exists (select 1 from sku) as used');
  if (row!.used) return false;
  await generateSampleShop({ folder, anchor: systemClock.now() });
  return true;
}

function keepHouse(orm: Orm, log: Logger): () => void {
  const clean = () =>
    forgetOldKeys(orm.em.fork(), IDEMPOTENCY_DAYS).catch((error: unknown) => log.warn({ err: error }, 'housekeeping failed'));
  void clean();
  const timer = setInterval(clean, HOUSEKEEPING_MS).unref();
  return () => clearInterval(timer);
}
