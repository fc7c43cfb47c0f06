import path from 'node:path';
import { loadAdminKey, type AdminKey } from './access/admin-key.ts';
import { scopes } from './model.ts';
import { RequestContext } from './platform/api/request-context.ts';
import { startChangeBus } from './platform/bus/index.ts';
import { Signals } from './platform/bus/signals.ts';
import { connectOrm, locateDatabase, migrate, type DatabaseModel } from './platform/database/database.ts';
import { JobRunner } from './platform/jobs/job-runner.ts';
import type { HubCore } from './platform/module.ts';
import { clientAddressBehind } from './platform/process/client-address.ts';
import { systemClock } from './platform/process/clock.ts';
import type { Config } from './platform/process/config.ts';
import { claimDataDir } from './platform/process/data-dir.ts';
import type { Logger } from './platform/process/log.ts';
import type { Shutdown } from './platform/process/shutdown.ts';

/** Opens what all modules share: the data folder, the database with its newest schema, the bus. */
export async function openCore(
  config: Config,
  model: DatabaseModel,
  { log, started, onBroken }: { log: Logger; started: Shutdown; onBroken: (error: Error) => void },
): Promise<{ core: HubCore; jobs: JobRunner; adminKey: AdminKey }> {
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
  const databaseUrl = database.url;
  const orm = await connectOrm(databaseUrl, model, { poolSize: config.databasePool });
  started.onStop('the connections to the database', () => orm.close());
  await migrate(databaseUrl, model);
  const bus = await startChangeBus({ nats: config.nats, databaseUrl }, log);
  started.onStop('the change bus', () => bus.close());
  const jobs = new JobRunner({ databaseUrl, log });
  const core = {
    config,
    databaseUrl,
    orm,
    bus,
    signals: new Signals(log),
    jobs,
    clock: systemClock,
    clientAddress: clientAddressBehind(config.trustedProxies),
    scopes: new Set(Object.keys(scopes)),
    contextOf: (actor, requestId) => new RequestContext(actor, () => orm.em.fork(), requestId),
    log,
  } satisfies HubCore;
  return { core, jobs, adminKey };
}
