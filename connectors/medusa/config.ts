import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Address of the server, without /admin'),
  apiKey: z.string().min(1).meta({ writeOnly: true }).describe('Secret API key, sk_…'),
  channel: z.string().min(1).max(100).describe('Channel of the hub whose orders and stock these are'),
  webhookSecret: z
    .string()
    .regex(
      /^(whsec_)?[A-Za-z0-9+/]{24,}={0,2}$/,
      'must be base64 of at least 18 bytes, with or without `whsec_`',
    )
    .meta({ writeOnly: true })
    .optional()
    .describe('Secret of the subscriber that pushes, `whsec_` and base64; without it no pushes are taken'),
  stockLocationId: z
    .string()
    .min(1)
    .optional()
    .describe('Where stock is written; the oldest location if left out'),
  pageSize: z.int().min(1).max(1_000).default(100).describe('Rows of a page'),
  overlapSeconds: z
    .int()
    .min(2)
    .max(3_600)
    .default(60)
    .describe('So long after its time a row may become visible; clocks may be cut to seconds'),
  openClaims: z
    .strictObject({
      everySeconds: z.int().min(0).max(86_400).default(300).describe('How often open claims are read again'),
      days: z.int().min(1).max(3_650).default(90).describe('How long after they were begun'),
    })
    .prefault({}),
  refunds: z
    .strictObject({
      recentDays: z
        .int()
        .min(1)
        .max(3_650)
        .default(7)
        .describe('Orders this young are looked through each time'),
      days: z.int().min(1).max(3_650).default(90).describe('Orders this young are looked through …'),
      everySeconds: z.int().min(0).max(86_400).default(3_600).describe('… so often'),
    })
    .prefault({}),
  pace: z
    .strictObject({
      concurrency: z.int().min(1).max(32).default(4),
      callsPerSecond: z.int().min(1).max(1_000).default(20),
      timeoutMs: z.int().min(10).max(300_000).default(30_000),
      retryAfterMs: z.int().min(1).max(60_000).default(500),
    })
    .prefault({}),
});

/** A Medusa shop, and how it is read. */
export type MedusaConfig = z.infer<typeof schema>;
export const medusaConfig = configReader('medusa connector configuration', schema);
