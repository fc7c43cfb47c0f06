import { FatalError, RetriableError } from '../../../connectors/spi/index.ts';
import { isTransientError } from '../../platform/database/transient-error.ts';
import { PollingTask, type SourceTaskFactory } from '../../sync/index.ts';
import { dueParcels, markPolled, type TrackedParcel } from './due-tracking-requests.ts';
import { importTracking } from './import-tracking.ts';

/** How often it is looked for parcels that are due; each is asked for less often. */
const LOOK_MS = 60_000;

/** Polls a logistics source for parcels that have left and not arrived, as many at once as it allows. */
export const followParcels: SourceTaskFactory = ({ source: { tracking }, id: connector, ...parts }) => {
  if (!tracking) return undefined;
  const { em } = parts;
  return new PollingTask({
    ...parts,
    connector,
    activity: 'asking for parcels',
    lookMs: LOOK_MS,
    turn: async (signal) => {
      const parcels = await dueParcels(em.fork(), connector, tracking.maxNumbers);
      if (parcels.length === 0) return false;
      try {
        const events = await tracking.track(parcels.map(asked), signal);
        await em.fork().transactional(async (tx) => {
          await importTracking(tx, events);
          await markPolled(tx, connector, parcels);
        });
      } catch (error) {
        // An answer that is no such thing must not keep the source from being asked for the others.
        if (isDefect(error) && !signal.aborted) await markPolled(em.fork(), connector, parcels);
        throw error;
      }
      return true;
    },
  });
};

function isDefect(error: unknown): boolean {
  return !(error instanceof RetriableError || error instanceof FatalError || isTransientError(error));
}

function asked({ carrier, trackingNumber, phoneTail }: TrackedParcel) {
  return { carrier, trackingNumber, ...(phoneTail !== null && { phoneTail }) };
}
