import path from 'node:path';
import { knownConnectors } from './connectors.ts';
import type { ChangeBus } from './platform/bus/change-bus.ts';
import type { Config } from './platform/process/config.ts';
import type { Orm } from './platform/database/database.ts';
import { Election } from './platform/jobs/leader-election.ts';
import type { Logger } from './platform/process/log.ts';
import type { Shutdown } from './platform/process/shutdown.ts';
import { ConnectorRuntime, loadSources, openSource, type Intakes } from './sync/index.ts';

interface SourceParts {
  config: Config;
  databaseUrl: string;
  orm: Orm;
  bus: ChangeBus;
  intakes: Intakes;
  log: Logger;
  started: Shutdown;
}

/** The sources that the merchant has configured; of several hubs on a database, one reads each. */
export async function startSources({
  config,
  databaseUrl,
  orm,
  bus,
  intakes,
  log,
  started,
}: SourceParts): Promise<ConnectorRuntime[]> {
  const configured = await loadSources(config.sourcesFile, knownConnectors, process.env);
  return Promise.all(
    configured.map(async (source) => {
      const { id, connector, pollSeconds, rawDays } = source;
      const election: Election = new Election(
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
        intakes,
        log,
        pollMs: pollSeconds * 1000,
        rawDays,
        mappingsFolder: path.join(path.dirname(config.sourcesFile), 'mappings', id),
        isElected: () => election.elected,
      });
      await runtime.start();
      election.start();
      started.add(`the source ${id}`, async () => {
        await runtime.stop();
        await election.stop();
      });
      return runtime;
    }),
  );
}
