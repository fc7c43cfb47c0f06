import type { RecordImporters } from '../sync/index.ts';
import { importTracking } from './shipments/import-tracking.ts';
import { importCarrierServices } from './store/carrier-service-store.ts';

/** How price lists and tracking are taken in. */
export const routingImporters: Pick<RecordImporters, 'carrierService' | 'tracking'> = {
  carrierService: (em, records) => importCarrierServices(em, records),
  tracking: (em, records) => importTracking(em, records),
};
