import { Gauge } from 'prom-client';
import { registry } from '../../platform/metrics/registry.ts';

/** Sockets that are open. */
export const openSockets = new Gauge({
  name: 'orderweave_sockets_open',
  help: 'WebSockets that are open.',
  registers: [registry],
});

/** Event streams that are open. */
export const openEventStreams = new Gauge({
  name: 'orderweave_event_streams_open',
  help: 'Event streams that are open.',
  registers: [registry],
});
