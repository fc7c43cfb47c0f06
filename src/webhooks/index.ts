/** Exports of webhooks for the composition root. */
import { WebhooksResolver } from './webhooks.resolver.ts';

export { Webhooks } from './webhooks.ts';
export { webhookGauges } from './webhooks.metrics.ts';
export { webhooksMigrations } from './webhooks.migrations.ts';
export { deleteExpiredDeliveries } from './delivery-store.ts';
export const webhooksResolvers = [WebhooksResolver];
