import { isPlaceholder } from '../identity/placeholder-values.ts';
import { isMaskedName } from '../identity/names.ts';
import type { ProfileOrigin } from './resolve-people.ts';

/** The names and age of a profile. */
export interface NamedProfile {
  source: string;
  origin: ProfileOrigin;
  externalId: string;
  name: string | null;
  /** ISO 8601 UTC; null when the source does not say. */
  updatedAt: string | null;
}

const ORIGIN_RANK: Record<ProfileOrigin, number> = { CRM: 0, ORDER: 1, TICKET: 2 };

/**
 * The name to show: a full one before a masked one, the CRM's before an order's before a ticket's, then the most
 * recent. Ties are broken by the source's own key, never by arrival.
 */
export function survivingName(profiles: readonly NamedProfile[]): string | null {
  const named = profiles.filter(({ name }) => name !== null && !isPlaceholder(name));
  return named.sort(byTrust)[0]?.name ?? null;
}

function byTrust(a: NamedProfile, b: NamedProfile): number {
  return (
    Number(isMaskedName(a.name!)) - Number(isMaskedName(b.name!)) ||
    ORIGIN_RANK[a.origin] - ORIGIN_RANK[b.origin] ||
    compare(b.updatedAt ?? '', a.updatedAt ?? '') ||
    compare(a.source, b.source) ||
    compare(a.externalId, b.externalId)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
