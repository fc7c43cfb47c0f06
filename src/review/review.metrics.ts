import type { DatabaseGauge } from '../platform/metrics/database-gauges.ts';

/** Tasks that wait for a person. */
export const reviewGauges: readonly DatabaseGauge[] = [
  {
    name: 'orderweave_review_tasks_open',
    help: 'Review tasks that are open, by kind.',
    label: 'kind',
    sql: `select kind, count(*) from review_task where status = 'OPEN' group by kind`,
  },
];
