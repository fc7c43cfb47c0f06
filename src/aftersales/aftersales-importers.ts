import { sourceNameOf, type RecordImporters } from '../sync/index.ts';
import { importReturns } from './import-returns.ts';
import { importTickets } from './import-tickets.ts';

/** How tickets and returns are taken in. */
export const aftersalesImporters: Pick<RecordImporters, 'ticket' | 'return'> = {
  ticket: (em, records, from) => importTickets(em, records, { source: sourceNameOf(from) }),
  return: (em, records, from) => importReturns(em, records, { source: sourceNameOf(from) }),
};
