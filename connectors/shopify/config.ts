import { z } from 'zod';
import { configReader } from '../spi/index.ts';

/** Arrays of an answer hold at most 250 (source-systems.md §4, Shopify). */
const MAX_PAGE = 250;

const schema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Of the shop, e.g. https://my-shop.myshopify.com'),
  apiVersion: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .describe('Of the Admin API, e.g. 2026-10'),
  accessToken: z.string().min(1).meta({ writeOnly: true }).describe('Sent as X-Shopify-Access-Token'),
  clientSecret: z
    .string()
    .min(1)
    .optional()
    .meta({ writeOnly: true })
    .describe('Of the app; signs pushes. Without it none are taken'),
  pageSize: z
    .int()
    .min(1)
    .max(MAX_PAGE)
    .default(50)
    .describe('Records a call; a larger page costs more points'),
});
export type ShopifyConfig = z.infer<typeof schema>;
export const shopifyConfig = configReader('shopify', schema);
