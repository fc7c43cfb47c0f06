import { DatabaseGauges, type DatabaseGauge } from './platform/metrics/database-gauges.ts';
import { startMetricsServer } from './platform/metrics/metrics-server.ts';
import { startProcessMetrics } from './platform/metrics/registry.ts';
import type { HubCore } from './platform/module.ts';
import { ConfigError } from './platform/process/config.ts';
import { describeListenFailure } from './platform/process/start-failure.ts';
import type { Shutdown } from './platform/process/shutdown.ts';

/** Measures the process and counts in the database; serves it on a port of its own, where one is configured. */
export async function serveMetrics(
  { config, databaseUrl, log }: Pick<HubCore, 'config' | 'databaseUrl' | 'log'>,
  gauges: readonly DatabaseGauge[],
  started: Shutdown,
): Promise<void> {
  startProcessMetrics();
  const counts = new DatabaseGauges(databaseUrl, gauges);
  counts.register();
  started.onStop('the counts of the metrics', () => counts.close());
  if (!config.metrics) return;
  const metrics = await startMetricsServer(config.metrics).catch((error: unknown) => {
    const says = describeListenFailure(error as Error, {
      host: 'HUB_METRICS_HOST',
      port: 'HUB_METRICS_PORT',
    });
    throw says === undefined ? error : new ConfigError(says);
  });
  log.info({ url: metrics.url }, 'metrics are served without a key');
  started.onStop('the metrics', () => metrics.close());
}
