import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://poll.kuaidi100.com')
    .describe('Of the API'),
  customer: z.string().min(1).describe('The code of the enterprise account'),
  key: z.string().min(1).meta({ writeOnly: true }).describe('Signs each query'),
  carriers: z
    .record(z.string().min(1), z.string().regex(/^[a-z0-9]+$/))
    .refine((carriers) => Object.keys(carriers).length > 0, 'name at least one')
    .describe(
      "The hub's carrier services whose parcels are asked for, each with Kuaidi100's code, e.g. shunfeng",
    ),
  restMinutes: z
    .int()
    .min(30)
    .max(24 * 60)
    .default(60)
    .describe('A parcel is not asked for again before'),
});
export type Kuaidi100Config = z.infer<typeof schema>;
export const kuaidi100Config = configReader('kuaidi100', schema);
