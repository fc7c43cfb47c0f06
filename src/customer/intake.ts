import type { EntityManager } from '../platform/database.ts';
import type { Rejection } from '../platform/intake-result.ts';

/** A record with its place in the batch. */
export interface Indexed<R> {
  index: number;
  record: R;
}

const INTAKE_LOCK = 4_713_002;

/**
 * Makes intakes of people, orders and tickets take turns until the transaction ends, over all processes: who is who
 * depends on everyone who shares an identity, which no row lock covers. Every such intake calls it before all else,
 * so there is one lock order.
 */
export async function takeIntakeTurn(em: EntityManager): Promise<void> {
  // Recursions look so costly to the planner that it would compile them (JIT), which takes longer than they do.
  await em.execute(`select pg_advisory_xact_lock(${INTAKE_LOCK}), set_config('jit', 'off', true)`);
}

/** The records that can be taken, and the rest with what `problemOf` says of them. */
export function sift<R extends object>(
  records: readonly R[],
  problemOf: (record: R) => string | undefined,
): { sound: Indexed<R>[]; rejected: Rejection[] } {
  const sound: Indexed<R>[] = [];
  const rejected: Rejection[] = [];
  for (const [index, record] of records.entries()) {
    const reason = unstorable(record)
      ? 'A text holds a character that cannot be stored (NUL or half a pair).'
      : problemOf(record);
    if (reason === undefined) sound.push({ index, record });
    else rejected.push({ index, reason });
  }
  return { sound, rejected };
}

const INSTANT = /^([12]\d{3})-(\d\d)-(\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-4]):?[0-5]\d)$/;

/**
 * Whether `text` is an instant with zone that PostgreSQL reads too; one that it refuses would fail the whole batch.
 * JavaScript alone would take 30 February for 2 March.
 */
export function isInstant(text: string): boolean {
  const [, year, month, day] = INSTANT.exec(text) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
}

/** Whether `incoming` was reported before `stored`; unknown times make nothing stale. */
export function isStale(incoming: string | null | undefined, stored: string | null | undefined): boolean {
  return Boolean(incoming && stored) && Date.parse(incoming!) < Date.parse(stored!);
}

/** PostgreSQL stores no NUL and no lone surrogate; one of them would fail the whole batch. */
function unstorable(value: unknown): boolean {
  if (typeof value === 'string') return /\0|\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, part]) => unstorable(key) || unstorable(part));
}
