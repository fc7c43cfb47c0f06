/** What the composition root uses of webhooks. */
import { WebhooksResolver } from './webhooks.resolver.ts';

export { Webhooks } from './webhooks.ts';
export { webhooksMigrations } from './webhooks.migrations.ts';
export { forgetOldDeliveries } from './delivery-store.ts';
export const webhooksResolvers = [WebhooksResolver];
