import { atpVersion } from '../../src/inventory/atp-version.ts';
import { noBalance } from '../../src/inventory/available-to-promise.ts';
import type { PromiseReading } from '../../src/inventory/read-promise.ts';

/** What the database would say of a SKU after so many commits. */
export const readingOf = (sku: string, version: number): PromiseReading => ({
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
