import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .describe('Where Request Tracker is, without /REST/2.0, e.g. https://rt.example.com'),
  token: z.string().min(1).meta({ writeOnly: true }).describe('Authentication token of a user, 1-14-…'),
  webhookSecret: z
    .string()
    .min(16)
    .optional()
    .meta({ writeOnly: true })
    .describe('Signs what the Scrip posts; without it no pushes are taken'),
  messagesAs: z
    .enum(['REPLY', 'COMMENT'])
    .default('REPLY')
    .describe('A reply goes to the requestor by mail, a comment is seen by staff only'),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(300)
    .default(60)
    .describe('What has not been answered by then has failed and is tried again'),
});
export type RequestTrackerConfig = z.infer<typeof schema>;
export const requestTrackerConfig = configReader('request-tracker', schema);
