import type { Actor } from '../../platform/api/actor.ts';
import type { AttemptLimit } from '../../platform/api/attempt-limit.ts';
import type { RequestContext } from '../../platform/api/request-context.ts';
import { HubError } from '../../platform/errors.ts';
import { IdentityKind, identityQuery } from '../identity/identity.ts';
import type { Customer } from './customer.entities.ts';
import { customersByIdentity } from './customer.loaders.ts';

/**
 * Finds customers by what they are known by. A key without `customer:pii` is shown masks, and must not complete them by
 * trying: what it does not find is counted, and beyond the limit neither what is there nor what is not is told.
 */
export class IdentityLookup {
  constructor(private readonly misses: AttemptLimit) {}

  /**
   * The customers whom an identity in any notation names, oldest first.
   * @throws HubError INVALID_IDENTITY, which is no attempt; RATE_LIMITED
   */
  async customersKnownBy(
    kind: IdentityKind,
    value: string,
    channel: string | null | undefined,
    context: RequestContext,
  ): Promise<Customer[]> {
    const query = identityQuery(kind, value, channel);
    if (!query)
      throw new HubError(
        'INVALID_IDENTITY',
        `The value is no ${kind}: ${EXPECTED[kind]} is needed, unmasked and no placeholder.`,
      );
    const who = maskedKeyOf(context.actor);
    if (who === undefined) return context.load(customersByIdentity, query);
    await this.misses.check(who);
    const found = await context.load(customersByIdentity, query);
    // Asked again: of look-ups that were made together, those after the last miss are not told either.
    await (found.length === 0 ? this.misses.countFailure(who) : this.misses.check(who));
    return found;
  }
}

/** Undefined for a key that may read identities in clear. */
function maskedKeyOf({ admin, scopes, keyId, partner, name }: Actor): string | undefined {
  return admin || scopes?.has('customer:pii') ? undefined : (keyId ?? JSON.stringify([partner, name]));
}

const EXPECTED: Record<IdentityKind, string> = {
  PHONE: 'a phone number in any notation (without country code it is read as Chinese)',
  EMAIL: 'an e-mail address',
  CHANNEL_USER: 'the id of a user within a channel',
  EXTERNAL: 'the id of a person record in its source',
};
