import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://openapi-fxg.jinritemai.com')
    .describe('The gateway'),
  appKey: z.string().min(1),
  appSecret: z.string().min(1).meta({ writeOnly: true }).describe('Signs calls and pushes'),
  shopId: z.string().regex(/^\d+$/).describe('Of the shop that the app belongs to or is granted by'),
  historyDays: z.int().min(1).max(90).default(30).describe('How far back the first read goes'),
  pageSize: z.int().min(1).max(100).default(100),
});
export type DouyinConfig = z.infer<typeof schema>;
export const douyinConfig = configReader('douyin-shop', schema);
