/** Exports of webhooks for the composition root. */
import { WebhooksResolver } from './webhooks.resolver.ts';

export { Webhooks } from './webhooks.ts';
export { webhooksMigrations } from './webhooks.migrations.ts';
export { deleteExpiredDeliveries } from './delivery-store.ts';
export const webhooksResolvers = [WebhooksResolver];
