import { Webhook } from 'standardwebhooks';
import type { PushHint, RawPush } from '../../../connectors/spi/index.ts';

/** A push of an extension that we offer, as the hub gets it. */
export function signedPush(
  secret: string,
  hints: readonly Pick<PushHint, 'stream' | 'recordIds'>[],
): RawPush & { headers: Record<string, string> } {
  const body = JSON.stringify({ hints });
  const now = new Date();
  const id = `msg_${hints.flatMap(({ recordIds }) => recordIds).join('_')}_${now.getTime()}`;
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  };
  return { method: 'POST', headers, query: {}, body: Buffer.from(body), receivedAt: now };
}
