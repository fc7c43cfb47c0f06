import { Registry, collectDefaultMetrics, type Metric } from 'prom-client';

/** The metrics of this process. Each is registered where its subject is, in a `*.metrics.ts`. */
export const registry = new Registry();

let isStarted = false;

/** Adds the metrics of Node itself (heap, CPU, event-loop delay), which cost a timer; once a process. */
export function startProcessMetrics(): void {
  if (isStarted) return;
  isStarted = true;
  collectDefaultMetrics({ register: registry });
}

type MetricValue = { value: number; labels: Record<string, string | number>; metricName?: string };

/** Registers a metric whose values are made when they are scraped. */
export function registerValues(
  { name, help, type }: { name: string; help: string; type: 'counter' | 'gauge' | 'histogram' },
  values: () => MetricValue[] | Promise<MetricValue[]>,
): void {
  const metric = {
    name,
    help,
    type,
    aggregator: 'sum',
    reset: () => undefined,
    get: async () => ({ name, help, type, aggregator: 'sum', values: await values() }),
  };
  registry.registerMetric(metric as unknown as Metric);
}

/** Registers a gauge that is read when it is scraped: of all readers that are registered, the sum. */
export function readGauge(name: string, help: string): (read: () => number) => () => void {
  const readers = new Set<() => number>();
  registerValues({ name, help, type: 'gauge' }, () => [
    { labels: {}, value: [...readers].reduce((sum, read) => sum + read(), 0) },
  ]);
  return (read) => {
    readers.add(read);
    return () => void readers.delete(read);
  };
}
