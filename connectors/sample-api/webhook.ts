import { createHmac } from 'node:crypto';
import { PushRefused, mustBeSigned, type PushHint, type RawPush } from '../spi/index.ts';

const MAX_AGE_MS = 300_000;

/**
 * A push is signed by `x-signature`: hex of HMAC-SHA256 over `x-timestamp`, a dot, and the bytes of the body.
 * @throws PushRefused
 */
export function verifiedPush(
  { headers, body, receivedAt }: RawPush,
  secret: string,
  stream: string,
): PushHint {
  const timestamp = headers['x-timestamp'] ?? '';
  const age = Math.abs(receivedAt.getTime() - Number(timestamp));
  if (!(age <= MAX_AGE_MS)) throw new PushRefused('x-timestamp is missing, or too far from now.');
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
  mustBeSigned('x-signature', headers['x-signature']?.toLowerCase(), expected);
  const { id, person_ids: ids } = JSON.parse(Buffer.from(body).toString()) as {
    id: string;
    person_ids: string[];
  };
  return { pushId: id, stream, recordIds: ids };
}
