import type { DatabaseGauge } from '../../platform/metrics/database-gauges.ts';
import { registerValues } from '../../platform/metrics/registry.ts';
import type { ConnectorRuntime } from './connector-runtime.ts';

/** Records and writes of sources that wait for a person. */
export const sourceGauges: readonly DatabaseGauge[] = [
  {
    name: 'orderweave_dead_letters',
    help: 'Records of a source that could not be taken in.',
    label: 'source',
    sql: 'select connector, count(*) from dead_letter group by connector',
  },
  {
    name: 'orderweave_source_writes_failed',
    help: 'Writes that a source has refused, or did not take in three days.',
    label: 'source',
    sql: `select connector, count(*) from source_write where state = 'FAILED' group by connector`,
  },
];

/** Registers how old the reading of each source is: of its streams, the oldest. Once a process. */
export function registerSourceLag(runtimes: readonly ConnectorRuntime[]): void {
  registerValues(
    {
      name: 'orderweave_source_lag_seconds',
      help: 'Time since the last successful read of a source; of several streams, the longest.',
      type: 'gauge',
    },
    () =>
      runtimes.flatMap((runtime) => {
        const reads = runtime.streamNames().flatMap((stream) => runtime.healthOf(stream)?.asOf ?? []);
        if (reads.length === 0) return [];
        const oldest = Math.min(...reads.map((read) => read.getTime()));
        return [{ labels: { source: runtime.id }, value: (Date.now() - oldest) / 1000 }];
      }),
  );
}
