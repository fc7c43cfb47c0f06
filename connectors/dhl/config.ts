import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://api-eu.dhl.com')
    .describe('Of the API'),
  apiKey: z.string().min(1).meta({ writeOnly: true }).describe('Consumer key of the app'),
  carriers: z.array(z.string().min(1)).min(1).describe("The hub's carrier services that are DHL's"),
  service: z
    .string()
    .min(1)
    .optional()
    .describe('The part of DHL that carries them, e.g. express; without it DHL looks in all of them'),
  language: z
    .string()
    .regex(/^[a-z]{2}$/)
    .default('en')
    .describe('Of the texts'),
  callEverySeconds: z
    .number()
    .min(0.01)
    .max(3_600)
    .default(5)
    .describe('A new app may call once in so long; DHL grants more'),
});
export type DhlConfig = z.infer<typeof schema>;
export const dhlConfig = configReader('dhl', schema);
