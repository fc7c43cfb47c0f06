import { HubError } from '../errors.ts';

/** The caller. `partner` owns idempotency keys and reservations; `name` stands in the audit trail. */
export interface Actor {
  partner: string;
  name: string;
  /** Which of the keys it is; absent where there is but one. */
  keyId?: string;
  /** May do everything. */
  admin: boolean;
  /** The scopes of a key that is not the admin's. */
  scopes?: ReadonlySet<string>;
  /** The only channel that the key may reserve for; null: any. */
  channel?: string | null;
}

/** How a key ends. */
export type KeyInvalidation = 'EXPIRED' | 'REVOKED';

export interface Access {
  /**
   * The actor of an `Authorization` value (HTTP header, or `connectionParams.authorization` of a socket).
   * @param addressOf where the caller is, by which wrong keys are counted; not counted without
   * @throws HubError UNAUTHENTICATED; RATE_LIMITED where too many wrong keys came from there
   */
  authenticate(authorization: unknown, addressOf?: () => string): Actor | Promise<Actor>;
  /**
   * Calls back, once, when the key of the actor ends. Absent where keys do not end.
   * @returns what ends the watching
   */
  onKeyInvalidated?(actor: Actor, onEnd: (why: KeyInvalidation) => void): () => void;
}

/** @throws HubError FORBIDDEN naming the scope that is missing */
export function requireScope(actor: Actor, scope: string | undefined, what: string): void {
  if (actor.admin || (scope !== undefined && actor.scopes?.has(scope))) return;
  const needed = scope === undefined ? 'the admin key' : `a key with the scope ${scope}`;
  throw new HubError('FORBIDDEN', `${what} needs ${needed}.`, { scope: scope ?? null });
}
