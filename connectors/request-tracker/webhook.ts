import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { PushRefused, mustBeSigned, type PushHint, type RawPush } from '../spi/index.ts';

const pushed = z.object({ ticket: z.int().positive(), transaction: z.int().positive() });

/**
 * The hint that the Scrip has posted: `x-hub-signature` is the hex of HMAC-SHA256 over the bytes of the body. An old
 * push that is sent again only makes the ticket be read once more, so its age does not matter.
 * @throws PushRefused
 */
export function verifiedPush({ headers, body }: RawPush, secret: string, stream: string): PushHint {
  const expected = createHmac('sha256', secret).update(body).digest('hex');
  mustBeSigned('x-hub-signature', headers['x-hub-signature']?.toLowerCase(), expected);
  const { ticket, transaction } = parsed(body);
  return { pushId: String(transaction), stream, recordIds: [String(ticket)] };
}

function parsed(body: Uint8Array): z.infer<typeof pushed> {
  try {
    return pushed.parse(JSON.parse(Buffer.from(body).toString()));
  } catch {
    throw new PushRefused('The body must be JSON with the ids `ticket` and `transaction`.');
  }
}
