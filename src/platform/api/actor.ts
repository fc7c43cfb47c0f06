import { HubError } from '../errors.ts';

/** Who calls. `partner` owns idempotency keys and reservations; `name` stands in the audit trail. */
export interface Actor {
  partner: string;
  name: string;
  /** Which of the keys it is; absent where there is but one. */
  keyId?: string;
  /** May do everything. */
  admin: boolean;
  /** What a key that is not the admin's may do. */
  scopes?: ReadonlySet<string>;
  /** The only channel that the key may reserve for; null: any. */
  channel?: string | null;
}

/** How a key ends. */
export type KeyInvalidation = 'EXPIRED' | 'REVOKED';

export interface Access {
  /**
   * The actor of an `Authorization` value (HTTP header, or `connectionParams.authorization` of a socket).
   * @throws HubError UNAUTHENTICATED
   */
  authenticate(authorization: unknown): Actor | Promise<Actor>;
  /**
   * Tells, once, that the key ends by which the actor came. Absent where keys do not end.
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
