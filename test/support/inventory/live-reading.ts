import { atpVersion } from '../../../src/inventory/model/atp-version.ts';
import { noBalance } from '../../../src/inventory/model/available-to-promise.ts';
import type { AtpReading } from '../../../src/inventory/availability/read-availability.ts';

/** What the database would say of a SKU after so many commits. */
export const readingOf = (sku: string, version: number): AtpReading => ({
  sku,
  pool: 'MAIN',
  figures: { ...noBalance, onHand: version },
  version: atpVersion(version, null),
  asOf: new Date(version),
  quotas: [],
  escrowChannels: [],
  nextChangeAt: null,
  timeline: null,
});
