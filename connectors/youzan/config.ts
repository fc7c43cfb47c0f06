import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://open.youzanyun.com')
    .describe('Of the API'),
  clientId: z.string().min(1).describe('Of the app, for the own use of the shop (自用型)'),
  clientSecret: z.string().min(1).meta({ writeOnly: true }).describe('Gets tokens, and signs pushes'),
  kdtId: z.string().regex(/^\d+$/).describe('Of the shop'),
  historyDays: z.int().min(1).max(365).default(30).describe('How far back the first read goes'),
  windowHours: z
    .int()
    .min(1)
    .max(90 * 24)
    .default(24)
    .describe('How much is asked for at once; at most 10,000 orders may have changed in it'),
  pageSize: z.int().min(1).max(100).default(100),
  throttledWaitMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(3_000)
    .describe('First wait when Youzan says that there were too many calls; it doubles'),
});
export type YouzanConfig = z.infer<typeof schema>;
export const youzanConfig = configReader('youzan', schema);
