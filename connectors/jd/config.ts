import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.jd.com/routerjson')
    .describe('The gateway'),
  appKey: z.string().min(1),
  appSecret: z.string().min(1).meta({ writeOnly: true }).describe('Signs each call'),
  accessToken: z.string().min(1).meta({ writeOnly: true }).describe('What the shop has granted the app'),
  historyDays: z.int().min(1).max(365).default(30).describe('How far back the first read goes'),
  pageSize: z.int().min(1).max(100).default(20).describe('What the gateway allows at most is not documented'),
});
export type JdConfig = z.infer<typeof schema>;
export const jdConfig = configReader('jd', schema);
