import path from 'node:path';
import { knownConnectors } from './connectors.ts';
import type { ChangeBus } from './platform/bus/change-bus.ts';
import type { Config } from './platform/process/config.ts';
import type { Orm } from './platform/database/database.ts';
import { LeaderElection } from './platform/jobs/leader-election.ts';
import type { Logger } from './platform/process/log.ts';
import type { Shutdown } from './platform/process/shutdown.ts';
import { ConnectorRuntime, loadSources, openSource, type RecordImporters } from './sync/index.ts';

interface StartSourcesDeps {
  config: Config;
  databaseUrl: string;
  orm: Orm;
  bus: ChangeBus;
  importers: RecordImporters;
  log: Logger;
  started: Shutdown;
}

/** The sources that the merchant has configured; of several hubs on a database, one reads each. */
export async function startSources({
  config,
  databaseUrl,
  orm,
  bus,
  importers,
  log,
  started,
}: StartSourcesDeps): Promise<ConnectorRuntime[]> {
  const configured = await loadSources(config.sourcesFile, knownConnectors, process.env);
  return Promise.all(
    configured.map(async (source) => {
      const { id, connector, pollSeconds, rawDays } = source;
      const election: LeaderElection = new LeaderElection(
        databaseUrl,
        `source ${id}`,
        () => true,
        log,
        () => runtime.elected(),
      );
      const runtime = new ConnectorRuntime({
        id,
        kind: connector.spec.kind,
        source: openSource(source),
        em: orm.em,
        bus,
        importers,
        log,
        pollMs: pollSeconds * 1000,
        rawDays,
        mappingsFolder: path.join(path.dirname(config.sourcesFile), 'mappings', id),
        isElected: () => election.isLeader,
      });
      await runtime.start();
      if (config.outgoing && config.jobs) election.start(); // never elected, it neither reads nor writes
      started.onStop(`the source ${id}`, async () => {
        await runtime.stop();
        await election.stop();
      });
      return runtime;
    }),
  );
}
