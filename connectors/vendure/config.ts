import { z } from 'zod';
import { configReader, shopSettings } from '../spi/index.ts';

const schema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .describe('Address of the Admin API, e.g. https://shop.example/admin-api'),
  apiKey: z.string().min(1).meta({ writeOnly: true }).describe('Key of `createApiKey`'),
  channel: shopSettings.channel,
  channelToken: z
    .string()
    .min(1)
    .optional()
    .describe('Token of the Vendure channel; the default channel if left out'),
  webhookSecret: shopSettings.webhookSecret,
  stockLocationId: z
    .string()
    .min(1)
    .optional()
    .describe('Where stock is written; the first location if left out'),
  pageSize: z
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe('Rows of a page; Vendure refuses more than 1,000'),
  overlapSeconds: shopSettings.overlapSeconds,
  openOrders: z
    .strictObject({
      everySeconds: z.int().min(0).max(86_400).default(60).describe('How often open orders are read again'),
      days: z.int().min(1).max(3_650).default(60).describe('How long after they were placed'),
    })
    .prefault({}),
  refunds: shopSettings.refunds,
  pace: shopSettings.pace,
});

/** A Vendure shop, and how it is read. */
export type VendureConfig = z.infer<typeof schema>;
export const vendureConfig = configReader('vendure connector configuration', schema);
