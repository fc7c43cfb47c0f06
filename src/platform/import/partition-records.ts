import type { Rejection } from './import-result.ts';

/** A record with its place in the batch. */
export interface Indexed<R> {
  index: number;
  record: R;
}

/** The records that can be taken, and the rest with what `problemOf` says of them. */
export function partitionRecords<R extends object>(
  records: readonly R[],
  problemOf: (record: R) => string | undefined,
): { valid: Indexed<R>[]; rejected: Rejection[] } {
  const valid: Indexed<R>[] = [];
  const rejected: Rejection[] = [];
  for (const [index, record] of records.entries()) {
    const reason = unstorable(record)
      ? 'Text contains a NUL character or an unpaired surrogate.'
      : problemOf(record);
    if (reason === undefined) valid.push({ index, record });
    else rejected.push({ index, reason });
  }
  return { valid, rejected };
}

/** PostgreSQL stores no NUL and no lone surrogate; one of them would fail the whole batch. */
function unstorable(value: unknown): boolean {
  if (typeof value === 'string') return /\0|\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, part]) => unstorable(key) || unstorable(part));
}
