import { createHmac } from 'node:crypto';
import { mustBeSigned, parseExactJson, PushRefused, type PushAnswer, type RawPush } from '../spi/index.ts';

/**
 * `X-Zendesk-Webhook-Signature` is base64 of HMAC-SHA256 over the timestamp header and the bytes of the body. What stands in
 * the body, the merchant's trigger says: `{"ticket_id": "{{ticket.id}}"}` (docs/connectors/hosted.md). No age is asked for:
 * an old push makes a ticket be read as it is now, which harms nobody. The names of the headers of time and invocation are
 * from memory, not verified.
 * @throws PushRefused
 */
export function receivePush({ headers, body }: RawPush, secret: string, stream: string): PushAnswer {
  const timestamp = headers['x-zendesk-webhook-signature-timestamp'] ?? '';
  const expected = createHmac('sha256', secret).update(timestamp).update(body).digest('base64');
  mustBeSigned('X-Zendesk-Webhook-Signature', headers['x-zendesk-webhook-signature'], expected);
  const { ticket_id: id } = parseExactJson('The push', Buffer.from(body).toString()) as {
    ticket_id?: string | number;
  };
  if (id === undefined) throw new PushRefused('The body has no ticket_id.');
  const pushId = headers['x-zendesk-webhook-invocation-id'] ?? null;
  return { hints: [{ pushId, stream, recordIds: [String(id)] }] };
}
