import { FatalError, RetriableError, type Tracking } from '../../connectors/spi/index.ts';
import type { EntityManager } from '../platform/database/database.ts';
import type { Logger } from '../platform/process/log.ts';
import { isTransientError } from '../platform/database/transient-error.ts';
import { importTracking, markPolled, dueParcels, type TrackedParcel } from '../routing/index.ts';
import { PollingTask } from './tasks/source-task.ts';

/** How often it is looked for parcels that are due; each is asked for less often. */
const LOOK_MS = 60_000;

export interface ParcelFollowerDeps {
  /** The source's id. */
  connector: string;
  tracking: Tracking;
  em: EntityManager;
  log: Logger;
  isActive: () => boolean;
}

/** Polls a logistics source for parcels that have left and not arrived, as many at once as it allows. */
export function parcelFollower(parts: ParcelFollowerDeps): PollingTask {
  const { connector, tracking, em } = parts;
  return new PollingTask({
    ...parts,
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
}

function isDefect(error: unknown): boolean {
  return !(error instanceof RetriableError || error instanceof FatalError || isTransientError(error));
}

function asked({ carrier, trackingNumber, phoneTail }: TrackedParcel) {
  return { carrier, trackingNumber, ...(phoneTail !== null && { phoneTail }) };
}
