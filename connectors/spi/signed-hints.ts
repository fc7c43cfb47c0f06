import { Webhook as StandardWebhook, WebhookVerificationError } from 'standardwebhooks';
import { z } from 'zod';
import { PushRefused, type PushAnswer, type RawPush } from './webhook.ts';

const body = z.object({
  hints: z
    .array(z.object({ stream: z.string().min(1), recordIds: z.array(z.string().min(1)).max(1_000) }))
    .max(100),
});

/**
 * Verifies pushes of the extensions that we offer for systems that push nothing by themselves. They are signed as
 * Standard Webhooks says (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and the bytes of the body; no
 * older than five minutes.
 * @param secret in base64, with or without the prefix `whsec_`
 * @returns what a connector gives as `webhook.receive`
 */
export function signedHints(secret: string): (push: RawPush) => Promise<PushAnswer> {
  const verifier = new StandardWebhook(secret);
  return async ({ body: bytes, headers }) => {
    const text = Buffer.from(bytes);
    const given = Object.fromEntries(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, headers[name] ?? '']),
    );
    try {
      verifier.verify(text, given, { jsonParse: false });
    } catch (error) {
      if (error instanceof WebhookVerificationError) throw new PushRefused(`${error.message}.`);
      throw error;
    }
    const { hints } = parsed(text.toString());
    // A push may hint at several streams; each is known again by its place.
    const id = given['webhook-id']!;
    return { hints: hints.map((hint, index) => ({ ...hint, pushId: `${id} ${index}` })) };
  };
}

function parsed(text: string): z.infer<typeof body> {
  try {
    return body.parse(JSON.parse(text));
  } catch {
    throw new PushRefused('The body is not {"hints":[{"stream":"…","recordIds":["…"]}]}.');
  }
}
