import type { EntityManager } from '../../../platform/database/database.ts';
import { movedPlaces, readAtp } from '../read-availability.ts';
import type { PromiseSource } from './atp-feed.ts';

/** Promises as the database has them; each look in a unit of work of its own. */
export function availabilitySource(em: EntityManager): PromiseSource {
  return {
    read: (places) => readAtp(em.fork(), places),
    moved: (readings) => movedPlaces(em.fork(), readings),
  };
}
