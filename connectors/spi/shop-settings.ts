import { z } from 'zod';
import type { RecentLimits } from './recent-parents.ts';

const DAY_MS = 86_400_000;

/** Settings that shops of one's own have in common, so that they bear the same names. */
export const shopSettings = {
  channel: z.string().min(1).max(100).describe('Channel of the hub whose orders and stock these are'),
  webhookSecret: z
    .string()
    .regex(
      /^(whsec_)?[A-Za-z0-9+/]{24,}={0,2}$/,
      'must be base64 of at least 18 bytes, with or without `whsec_`',
    )
    .meta({ writeOnly: true })
    .optional()
    .describe('Secret of the extension that pushes, `whsec_` and base64; without it no pushes are taken'),
  overlapSeconds: z
    .int()
    .min(2)
    .max(3_600)
    .default(60)
    .describe('So long after its time a row may become visible; clocks may be cut to seconds'),
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
};

/** How far orders are looked through for refunds. */
export function refundLimits({
  refunds: { recentDays, days, everySeconds },
  overlapSeconds,
}: {
  refunds: z.infer<typeof shopSettings.refunds>;
  overlapSeconds: number;
}): RecentLimits {
  return {
    recentMs: recentDays * DAY_MS,
    windowMs: days * DAY_MS,
    everyMs: everySeconds * 1_000,
    overlapMs: overlapSeconds * 1_000,
  };
}
