import path from 'node:path';
import type { Connector } from '../../../connectors/spi/index.ts';
import { LeaderElection } from '../../platform/jobs/leader-election.ts';
import type { HubCore } from '../../platform/module.ts';
import { ConnectorRuntime, type RuntimeDeps } from './connector-runtime.ts';
import { openSource } from './open-source.ts';
import { loadSources } from './source-config.ts';

/** A source that the merchant has configured; of several hubs on a database, one reads it. */
export interface ConfiguredSource {
  runtime: ConnectorRuntime;
  start: () => Promise<void>;
  stop: () => Promise<void>;
}

/** @throws ConfigError of a file of sources that says what cannot be */
export async function configuredSources(
  { config, databaseUrl, bus, log }: Pick<HubCore, 'config' | 'databaseUrl' | 'bus' | 'log'>,
  connectors: ReadonlyMap<string, Connector>,
  shared: Pick<RuntimeDeps, 'em' | 'importers' | 'tasks' | 'log'>,
): Promise<ConfiguredSource[]> {
  const configured = await loadSources(config.sourcesFile, connectors, process.env);
  return configured.map((source) => {
    const { id, connector, pollSeconds, rawDays } = source;
    const election: LeaderElection = new LeaderElection(
      databaseUrl,
      `source ${id}`,
      () => true,
      log,
      () => runtime.elected(),
    );
    const runtime = new ConnectorRuntime({
      ...shared,
      id,
      kind: connector.spec.kind,
      source: openSource(source),
      bus,
      pollMs: pollSeconds * 1000,
      rawDays,
      mappingsFolder: path.join(path.dirname(config.sourcesFile), 'mappings', id),
      isElected: () => election.isLeader,
    });
    return {
      runtime,
      async start() {
        await runtime.start();
        if (config.outgoing && config.jobs) election.start(); // never elected, it neither reads nor writes
      },
      async stop() {
        await runtime.stop();
        await election.stop();
      },
    };
  });
}
