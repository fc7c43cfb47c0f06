import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://gw.api.taobao.com/router/rest')
    .describe('The gateway'),
  appKey: z.string().min(1),
  appSecret: z.string().min(1).meta({ writeOnly: true }).describe('Signs each call'),
  session: z.string().min(1).meta({ writeOnly: true }).describe('What the shop has granted the app'),
  historyDays: z
    .int()
    .min(1)
    .max(89)
    .default(30)
    .describe('How far back the first read goes; the gateway has 3 months'),
  windowMinutes: z
    .int()
    .min(30)
    .max(1_440)
    .default(30)
    .describe('Length of the windows by which changes are asked for; the gateway advises 30'),
  pageSize: z.int().min(1).max(100).default(100),
});
export type TaobaoConfig = z.infer<typeof schema>;
export const taobaoConfig = configReader('taobao', schema);
