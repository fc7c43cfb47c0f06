/** Exports of after-sales for the composition root and other domains. */
export { importReturns, type ReturnInput } from './import-returns.ts';
export { importTickets, type TicketInput } from './import-tickets.ts';
