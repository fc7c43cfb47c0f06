import { z } from 'zod';
import { configReader } from '../spi/index.ts';

const headerName = z
  .string()
  .regex(/^[a-z0-9-]+$/, 'must be in small letters')
  .describe('Name of a header, in small letters');

const schema = z.strictObject({
  secret: z.string().min(16).meta({ writeOnly: true }).describe('Signs pushes: HMAC-SHA256'),
  signatureHeader: headerName.default('x-signature'),
  timestampHeader: headerName.default('x-timestamp'),
  separator: z
    .string()
    .max(4)
    .default('.')
    .describe('Stands between the time and the body in what is signed'),
  encoding: z.enum(['hex', 'base64']).default('hex').describe('Of the signature'),
  toleranceSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .default(300)
    .describe('A push whose time is further from now is refused'),
  recordsAt: z
    .string()
    .default('')
    .describe('Where in the body the refunds stand, e.g. data.refunds; empty: the body is one, or a list'),
  idAt: z.string().min(1).default('refund_no').describe('Where in a refund its id stands'),
});
export type FinanceWebhookConfig = z.infer<typeof schema>;
export const financeWebhookConfig = configReader('finance-webhook', schema);
