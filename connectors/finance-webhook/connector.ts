import { shippedStream, withoutStreams, type Connector, type Source } from '../spi/index.ts';
import { financeWebhookConfig, type FinanceWebhookConfig } from './config.ts';
import refunds from './mappings/refunds.json' with { type: 'json' };
import { receiveRefunds } from './webhook.ts';

const REFUNDS = shippedStream('finance-webhook', 'refunds', refunds);

/** A finance system that pushes settled refunds, and cannot be asked for them. */
export const financeWebhookConnector: Connector = {
  spec: {
    id: 'finance-webhook',
    kind: 'FINANCE',
    title: 'Finance webhook',
    configSchema: financeWebhookConfig.jsonSchema,
  },
  open: (config) => source(financeWebhookConfig.parse(config)),
};

function source(config: FinanceWebhookConfig): Source {
  return {
    ...withoutStreams,
    check: async () => ({ ok: true, message: 'Pushes are awaited; nobody is asked.' }),
    discover: async () => [REFUNDS],
    webhook: {
      receive: async (push) => receiveRefunds(push, config, REFUNDS.name),
      readBack: async () => [],
    },
  };
}
