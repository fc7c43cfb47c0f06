import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .default('https://api.weixin.qq.com')
      .describe('Of the API'),
    appId: z.string().min(1).describe('Of the shop, e.g. wx1234…'),
    appSecret: z.string().min(1).meta({ writeOnly: true }),
    pushToken: z
      .string()
      .min(1)
      .optional()
      .meta({ writeOnly: true })
      .describe('Token of the message push; without it none are taken'),
    encodingAesKey: z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}$/)
      .optional()
      .meta({ writeOnly: true })
      .describe('EncodingAESKey of the message push'),
    historyDays: z.int().min(1).max(365).default(30).describe('How far back the first read goes'),
    pageSize: z.int().min(1).max(100).default(100),
  })
  .refine(({ pushToken, encodingAesKey }) => (pushToken === undefined) === (encodingAesKey === undefined), {
    message: 'pushToken and encodingAesKey go together',
  });
export type WechatConfig = z.infer<typeof schema>;
export const wechatConfig = configReader('wechat-shop', schema);
