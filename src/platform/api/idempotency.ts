import { hash } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { EntityManager } from '../database/database.ts';
import { HubError } from '../errors.ts';

const MAX_KEY_LENGTH = 200;

/** A caller's key with what it stands for. */
export interface Idempotency {
  key: string;
  operation: string;
  bodyHash: string;
  /** The request that it came with, stored beside it; undefined of the hub's own commands. */
  requestId?: string;
}

/**
 * The identity of a call: operation name and canonical JSON of its input, the key itself left out.
 * @throws HubError IDEMPOTENCY_KEY_INVALID
 */
export function idempotencyOf<Input extends { idempotencyKey: string }>(
  operation: string,
  input: Input,
  requestId?: string,
): Idempotency {
  const { idempotencyKey: key, ...body } = input;
  if (key.length === 0 || key.length > MAX_KEY_LENGTH)
    throw new HubError(
      'IDEMPOTENCY_KEY_INVALID',
      `idempotencyKey must have 1 to ${MAX_KEY_LENGTH} characters, has ${key.length}.`,
    );
  const bodyHash = hash('sha256', `${operation}\n${canonicalJson(body)}`, 'hex');
  return { key, operation, bodyHash, requestId };
}

/** JSON with sorted property names and without undefined ones: equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

interface StoredReplyRow {
  operation: string;
  bodyHash: string;
  reply: unknown;
}

/**
 * Claims a key in the caller's transaction, which is to store its reply with `storeReply`. A call of the same key that
 * is still running is waited for.
 * @param isReply whether a stored reply is one that this version reads
 * @returns what an earlier call of the same key and body was answered; undefined when there was none
 * @throws HubError IDEMPOTENCY_CONFLICT, UNKNOWN_STORED_REPLY
 */
export async function claimKey<Reply>(
  em: EntityManager,
  { partner }: Actor,
  { key, operation, bodyHash, requestId }: Idempotency,
  isReply: (stored: object) => stored is Reply & object,
): Promise<Reply | undefined> {
  const claimed = await em.execute<unknown[]>(
    `insert into idempotency_key (partner, key, operation, body_hash, request_id, created_at)
     values (?, ?, ?, ?, ?, hub_now())
     on conflict do nothing returning key`,
    [partner, key, operation, bodyHash, requestId ?? null],
  );
  if (claimed.length > 0) return undefined;
  const [stored] = await em.execute<StoredReplyRow[]>(
    'select operation, body_hash as "bodyHash", reply::json from idempotency_key where partner = ? and key = ?',
    [partner, key],
  );
  if (stored!.operation !== operation || stored!.bodyHash !== bodyHash)
    throw keyConflict({ key, operation }, stored!.operation);
  const { reply } = stored!;
  if (typeof reply !== 'object' || reply === null || !isReply(reply)) throw unknownStoredReply(key);
  return reply;
}

/** Reads the reply of commands whose callers are answered by what is there now. */
export function isEmptyReply(stored: object): stored is object {
  return Object.keys(stored).length === 0;
}

/** Stores the reply for repetitions of the call. */
export async function storeReply(
  em: EntityManager,
  { partner }: Actor,
  { key }: Idempotency,
  reply: object,
): Promise<void> {
  await em.execute('update idempotency_key set reply = ? where partner = ? and key = ?', [
    JSON.stringify(reply),
    partner,
    key,
  ]);
}

/**
 * Refuses a repetition whose stored reply only another version reads. To answer it as any other outcome could tell the
 * caller that nothing has happened, although it has.
 */
export function unknownStoredReply(key: string): HubError {
  return new HubError(
    'UNKNOWN_STORED_REPLY',
    `The command under the idempotency key ${key} was carried out by another version of the hub, in whose form the reply is stored. Repeat it with the same key: a hub of that version answers it.`,
  );
}

export function keyConflict(
  { key, operation }: Pick<Idempotency, 'key' | 'operation'>,
  before: string,
): HubError {
  const what = before === operation ? 'with another input' : `for ${before}`;
  const message = `The idempotency key ${key} was used before ${what}; use a new key for a new command.`;
  return new HubError('IDEMPOTENCY_CONFLICT', message);
}

/** Deleted at once: its rows stay locked while it runs. */
const FORGOTTEN_AT_ONCE = 10_000;

/** Deletes keys older than `days`; a repetition after that is a new command. */
export async function deleteExpiredKeys(em: EntityManager, days: number): Promise<void> {
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
