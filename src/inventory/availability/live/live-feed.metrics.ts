import { Gauge } from 'prom-client';
import { CellCounter, CellHistogram } from '../../../platform/metrics/cells.ts';
import { registry } from '../../../platform/metrics/registry.ts';

/** From learning of a change to having written it for those in step. */
const atpLag = new CellHistogram<never>(
  'orderweave_atp_lag_seconds',
  'Time from the commit, or its signal from another process, until a changed promise was written to its subscribers.',
  [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
).cell({} as Record<never, string>);

/** Versions that a slow client was not told. */
const coalescedEvents = new CellCounter<never>(
  'orderweave_atp_coalesced_total',
  'Versions of promises that a message has passed over, because newer ones had come before it was sent.',
).cell({} as Record<never, string>);

/** Subscriptions to promises. */
export const liveSubscribers = new Gauge({
  name: 'orderweave_atp_subscribers',
  help: 'Subscriptions to promises that are open.',
  registers: [registry],
});

/** Counts a message about a promise, of which many may have been sent. */
export function countMessage(coalesced: number, noticedAt: number | undefined): void {
  coalescedEvents.count += coalesced;
  if (noticedAt !== undefined) atpLag.observe((performance.now() - noticedAt) / 1000);
}
