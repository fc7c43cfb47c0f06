import { z } from 'zod';
import { configReader, shopSettings } from '../spi/index.ts';

const schema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Address of the server, without /admin'),
  apiKey: z.string().min(1).meta({ writeOnly: true }).describe('Secret API key, sk_…'),
  channel: shopSettings.channel,
  webhookSecret: shopSettings.webhookSecret,
  stockLocationId: z
    .string()
    .min(1)
    .optional()
    .describe('Where stock is written; the oldest location if left out'),
  pageSize: z.int().min(1).max(1_000).default(100).describe('Rows of a page'),
  overlapSeconds: shopSettings.overlapSeconds,
  openClaims: z
    .strictObject({
      everySeconds: z.int().min(0).max(86_400).default(300).describe('How often open claims are read again'),
      days: z.int().min(1).max(3_650).default(90).describe('How long after they were begun'),
    })
    .prefault({}),
  refunds: shopSettings.refunds,
  pace: shopSettings.pace,
});

/** A Medusa shop, and how it is read. */
export type MedusaConfig = z.infer<typeof schema>;
export const medusaConfig = configReader('medusa connector configuration', schema);
