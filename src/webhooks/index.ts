/** Exports of webhooks for the composition root. */
export { deleteExpiredDeliveries } from './delivery-store.ts';
