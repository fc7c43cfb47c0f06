import { createHash } from 'node:crypto';
import type { EntityManager } from './database.ts';
import { HubError } from './errors.ts';

const MAX_KEY_LENGTH = 200;

/** A caller's key with what it stands for. */
export interface Idempotency {
  key: string;
  operation: string;
  bodyHash: string;
}

/**
 * The identity of a call: operation name and canonical JSON of its input, the key itself left out.
 * @throws HubError IDEMPOTENCY_KEY_INVALID
 */
export function idempotencyOf<Input extends { idempotencyKey: string }>(
  operation: string,
  input: Input,
): Idempotency {
  const { idempotencyKey: key, ...body } = input;
  if (key.length === 0 || key.length > MAX_KEY_LENGTH)
    throw new HubError(
      'IDEMPOTENCY_KEY_INVALID',
      `idempotencyKey must have 1 to ${MAX_KEY_LENGTH} characters, has ${key.length}.`,
    );
  const bodyHash = createHash('sha256')
    .update(`${operation}\n${canonicalJson(body)}`)
    .digest('hex');
  return { key, operation, bodyHash };
}

/** JSON with sorted property names and without undefined ones: equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Deleted at once: its rows stay locked while it runs. */
const FORGOTTEN_AT_ONCE = 10_000;

/** Forgets keys older than `days`; a repetition after that is a new command. */
export async function forgetOldKeys(em: EntityManager, days: number): Promise<void> {
  for (let deleted = FORGOTTEN_AT_ONCE; deleted === FORGOTTEN_AT_ONCE;) {
    // The instant comes from a subquery: a volatile function beside the column would scan the whole table.
    const result = await em.execute<{ affectedRows: number }>(
      `delete from idempotency_key where ctid = any (array(
         select ctid from idempotency_key where created_at < (select hub_now() - make_interval(days => ?))
         order by created_at limit ?))`,
      [days, FORGOTTEN_AT_ONCE],
      'run',
    );
    deleted = result.affectedRows;
  }
}
