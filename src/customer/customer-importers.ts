import { sourceNameOf, type RecordImporters } from '../sync/index.ts';
import { importCustomers } from './import-customers.ts';

/** How customers are taken in. */
export const customerImporters: Pick<RecordImporters, 'customer'> = {
  customer: (em, records, from) => importCustomers(em, records, { source: sourceNameOf(from) }),
};
