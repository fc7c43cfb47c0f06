import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.hubapi.com')
    .describe('Of the API'),
  accessToken: z.string().min(1).meta({ writeOnly: true }).describe('Of a private app'),
  pageSize: z.int().min(1).max(200).default(100),
});
export type HubspotConfig = z.infer<typeof schema>;
export const hubspotConfig = configReader('hubspot', schema);
