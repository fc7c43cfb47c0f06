import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Where the API is, e.g. https://api.example.com'),
  apiKey: z.string().min(1).meta({ writeOnly: true }).describe('Sent as bearer token'),
  webhookSecret: z
    .string()
    .min(1)
    .optional()
    .meta({ writeOnly: true })
    .describe('Signs pushes; without it none are taken'),
  pageSize: z.int().min(1).max(100).default(100),
});
export type SampleApiConfig = z.infer<typeof schema>;
export const sampleApiConfig = configReader('sample-api', schema);
