import type { DatabaseGauge } from '../../platform/metrics/database-gauges.ts';
import { HAS_WAITING_UNITS } from '../store/routing-claim-store.ts';

/** Orders that wait for a decision, or for what follows it. */
export const routingGauges: readonly DatabaseGauge[] = [
  {
    name: 'orderweave_routing_backlog',
    help: 'Paid orders with units that wait for a node (waiting), decisions that are not carried out yet (undone).',
    label: 'state',
    sql: `select 'waiting', count(*) from sales_order o where o.state = 'PAID' and ${HAS_WAITING_UNITS}
      union all select 'undone', count(*) from routing_decision where status = 'PENDING'`,
  },
];
