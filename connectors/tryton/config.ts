import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const schema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Where the server is, e.g. https://tryton.example.com'),
  database: z.string().regex(/^[A-Za-z0-9_.-]+$/, 'must be the name of a database'),
  user: z.string().min(1),
  password: z.string().min(1).meta({ writeOnly: true }),
  complaints: z
    .boolean()
    .default(true)
    .describe('Whether complaints are read as tickets; false where the module sale_complaint is not there'),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(300)
    .default(30)
    .describe('What has not been answered by then has failed and is tried again'),
});
export type TrytonConfig = z.infer<typeof schema>;
export const trytonConfig = configReader('tryton', schema);
