import { expiredHoldJob, stockChanged, type InventoryServices } from '../inventory/index.ts';
import { defineAccess } from '../platform/module-access.ts';
import type { HubModule } from '../platform/module.ts';
import { loadSecretBox } from '../platform/process/secret-box.ts';
import { ordersRouted } from '../routing/index.ts';
import { Webhooks } from './webhooks.ts';
import { webhookGauges } from './webhooks.metrics.ts';
import { webhooksMigrations } from './webhooks.migrations.ts';
import { WebhooksResolver } from './webhooks.resolver.ts';

const resolvers = [WebhooksResolver];

export const webhooksModule = {
  name: 'webhooks',
  migrations: webhooksMigrations,
  resolvers,
  subgraphs: { operations: { resolvers } },
  access: defineAccess({
    declare: {
      'webhook:read': 'Webhook endpoints and their deliveries, with what they tell.',
      'webhook:write': 'Making, changing and disabling webhook endpoints, and sending again.',
    },
    fields: {
      'Query.webhookEndpoints': 'webhook:read',
      'Query.webhookDeliveries': 'webhook:read',
      'Mutation.createWebhookEndpoint': 'webhook:write',
      'Mutation.updateWebhookEndpoint': 'webhook:write',
      'Mutation.rotateWebhookSecret': 'webhook:write',
      'Mutation.retryWebhookDeliveries': 'webhook:write',
      'Mutation.replayWebhooks': 'webhook:write',
      'Mutation.sendTestWebhook': 'webhook:write',
    },
  }),
  gauges: webhookGauges,
  build({ config, databaseUrl, orm, bus, signals, jobs, log }, { inventory: { engine, feed } }) {
    const webhooks = new Webhooks({
      em: orm.em,
      databaseUrl,
      bus,
      feed,
      box: loadSecretBox(config),
      targets: config.webhookTargets,
      isSending: config.outgoing,
      wakeJob: (name) => jobs.wake(name),
      log,
    });
    // What was committed may have written events: they are sent at once instead of at the next look.
    signals.on(stockChanged, () => webhooks.nudge());
    signals.on(ordersRouted, () => webhooks.nudge());
    return {
      provides: {},
      resolvers: [webhooks.resolver],
      jobs: [
        ...webhooks.jobs,
        expiredHoldJob(orm.em, engine, () => webhooks.hasSubscribers('reservation.expired')),
      ],
      start: () => webhooks.start(),
      stop: () => webhooks.stop(),
    };
  },
} satisfies HubModule<{ inventory: InventoryServices }>;
