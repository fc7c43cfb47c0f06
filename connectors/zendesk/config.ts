import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Of the account, e.g. https://my-shop.zendesk.com'),
  email: z.string().min(3).describe('Of the agent whom the token belongs to'),
  apiToken: z.string().min(1).meta({ writeOnly: true }),
  webhookSecret: z
    .string()
    .min(1)
    .optional()
    .meta({ writeOnly: true })
    .describe('Signs pushes; without it none are taken'),
  callsPerMinute: z
    .int()
    .min(1)
    .max(100)
    .default(10)
    .describe('Of the export; Zendesk allows 10 unless it has agreed to more'),
  historyDays: z.int().min(1).max(3_650).default(365).describe('How far back the first read goes'),
});
export type ZendeskConfig = z.infer<typeof schema>;
export const zendeskConfig = configReader('zendesk', schema);
