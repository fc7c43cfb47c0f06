import { randomBytes } from 'node:crypto';
import { HubError } from '../platform/errors.ts';
import type { SecretBox } from '../platform/process/secret-box.ts';

/**
 * The secret that signs an endpoint's messages, in the notation of Standard Webhooks: `whsec_` and 32 bytes in base64.
 */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** The purpose for which a secret is sealed: a row of one endpoint cannot be put into another's place. */
export function purposeOf(endpointId: string): string {
  return `webhook endpoint ${endpointId}`;
}

/** @throws HubError SECRET_KEY_MISSING where the hub has no key to seal with */
export function requireBox(box: SecretBox | undefined): SecretBox {
  if (box) return box;
  throw new HubError(
    'SECRET_KEY_MISSING',
    'This hub has no HUB_SECRET_KEY to keep signing secrets with; set the same one (or HUB_SECRET_KEY_FILE) for all hubs of the database.',
  );
}
