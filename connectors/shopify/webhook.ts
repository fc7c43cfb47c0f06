import { createHmac } from 'node:crypto';
import { mustBeSigned, parseExactJson, type PushAnswer, type PushHint, type RawPush } from '../spi/index.ts';
import { READINGS, type StreamName } from './queries.ts';

/** Topics and the stream that each hints at; names from memory, not verified. */
const STREAM_OF_TOPIC: Readonly<Record<string, StreamName>> = {
  'orders/create': 'orders',
  'orders/updated': 'orders',
  'orders/cancelled': 'orders',
  'customers/create': 'customers',
  'customers/update': 'customers',
  'returns/request': 'returns',
  'refunds/create': 'refunds',
};

/**
 * `X-Shopify-Hmac-Sha256` is base64 of HMAC-SHA256 over the bytes of the body; `X-Shopify-Webhook-Id` tells a repetition. A
 * topic that no stream is fed by is taken and says nothing.
 * @throws PushRefused
 */
export function receivePush({ headers, body }: RawPush, clientSecret: string): PushAnswer {
  const expected = createHmac('sha256', clientSecret).update(body).digest('base64');
  mustBeSigned('X-Shopify-Hmac-Sha256', headers['x-shopify-hmac-sha256'], expected);
  const stream = STREAM_OF_TOPIC[headers['x-shopify-topic'] ?? ''];
  if (!stream) return { hints: [] };
  const pushed = parseExactJson('The push', Buffer.from(body).toString()) as {
    id?: number | string;
    admin_graphql_api_id?: string;
  };
  const id = pushed.admin_graphql_api_id ?? `gid://shopify/${READINGS[stream].type}/${pushed.id}`;
  const hint: PushHint = {
    pushId: headers['x-shopify-webhook-id'] ?? null,
    stream,
    recordIds: [id],
  };
  return { hints: [hint] };
}
