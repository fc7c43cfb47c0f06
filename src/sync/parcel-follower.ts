import { FatalError, RetriableError, type Tracking } from '../../connectors/spi/index.ts';
import type { EntityManager } from '../platform/database/database.ts';
import type { Logger } from '../platform/process/log.ts';
import { mayPass } from '../platform/database/transient-error.ts';
import { intakeTracking, noteAsked, parcelsToAskFor, type ParcelUnderWay } from '../routing/index.ts';
import { TurnTask } from './tasks/source-task.ts';

/** How often it is looked for parcels that are due; each is asked for less often. */
const LOOK_MS = 60_000;

export interface FollowerParts {
  /** The source's id. */
  connector: string;
  tracking: Tracking;
  em: EntityManager;
  log: Logger;
  isActive: () => boolean;
}

/** Asks a logistics source where the parcels are that have left and not arrived, as many at once as it allows. */
export function parcelFollower(parts: FollowerParts): TurnTask {
  const { connector, tracking, em } = parts;
  return new TurnTask({
    ...parts,
    doing: 'asking for parcels',
    lookMs: LOOK_MS,
    turn: async (signal) => {
      const parcels = await parcelsToAskFor(em.fork(), connector, tracking.maxNumbers);
      if (parcels.length === 0) return false;
      try {
        const events = await tracking.track(parcels.map(asked), signal);
        await em.fork().transactional(async (tx) => {
          await intakeTracking(tx, events);
          await noteAsked(tx, connector, parcels);
        });
      } catch (error) {
        // An answer that is no such thing must not keep the source from being asked for the others.
        if (isDefect(error) && !signal.aborted) await noteAsked(em.fork(), connector, parcels);
        throw error;
      }
      return true;
    },
  });
}

function isDefect(error: unknown): boolean {
  return !(error instanceof RetriableError || error instanceof FatalError || mayPass(error));
}

function asked({ carrier, trackingNumber, phoneTail }: ParcelUnderWay) {
  return { carrier, trackingNumber, ...(phoneTail !== null && { phoneTail }) };
}
