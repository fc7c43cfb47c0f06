import type { DatabaseGauge } from '../platform/metrics/database-gauges.ts';

/** Webhooks that have not arrived. */
export const webhookGauges: readonly DatabaseGauge[] = [
  {
    name: 'orderweave_webhook_deliveries',
    help: 'Webhooks that wait to be delivered (pending), or were given up (dead).',
    label: 'state',
    // Two conditions, so that each is read from its partial index.
    sql: `select 'pending', count(*) from webhook_delivery where state = 'PENDING'
      union all select 'dead', count(*) from webhook_delivery where state = 'DEAD'`,
  },
];
