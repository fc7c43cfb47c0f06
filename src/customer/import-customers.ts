import type { EntityManager } from '../platform/database/database.ts';
import {
  channelUserIdentity,
  emailIdentity,
  externalIdentity,
  phoneIdentity,
  type Identity,
} from './identity/identity.ts';
import { lockMatching } from './matching/matching-lock.ts';
import type { ImportResult } from '../platform/import/import-result.ts';
import { isInstant, isStale } from '../platform/database/instant.ts';
import { partitionRecords } from '../platform/import/partition-records.ts';
import { profileKey, storeProfiles, type ProfileContent } from './matching/profile-store.ts';
import { resolveAffectedProfiles } from './matching/resolve-affected-profiles.ts';
import type { ResolutionRules } from './matching/resolve-people.ts';

/** A person record of a CRM; notations as the source has them. */
export interface CustomerInput {
  externalId: string;
  name?: string;
  phones: string[];
  emails: string[];
  channelUsers: { channel: string; userId: string }[];
  /** Stated preferences and other profile fields, by name. */
  attributes?: Record<string, string>;
  /** ISO 8601 with zone. */
  updatedAt?: string;
}

/**
 * Imports person records of `source` and resolves the people concerned anew. Idempotent by (source, externalId); an
 * older record never replaces a newer one. Commits with the transaction of `em`, which must be open.
 */
export async function importCustomers(
  em: EntityManager,
  records: readonly CustomerInput[],
  { source, rules }: { source: string; rules?: ResolutionRules },
): Promise<ImportResult> {
  const { valid, rejected } = partitionRecords(records, problemOf);
  if (valid.length > 0) {
    await lockMatching(em);
    const { seeds } = await storeProfiles(
      em,
      newestOfEach(valid.map(({ record }) => profileOf(record, source))),
    );
    await resolveAffectedProfiles(em, seeds, rules);
  }
  return { accepted: valid.length, rejected };
}

function problemOf(record: CustomerInput): string | undefined {
  if (record.externalId === '') return 'The externalId is empty.';
  if (record.updatedAt !== undefined && !isInstant(record.updatedAt))
    return `updatedAt must be an ISO 8601 timestamp with time zone, got "${record.updatedAt}"`;
  return undefined;
}

function profileOf(record: CustomerInput, source: string): ProfileContent {
  const unverified = [...record.phones.map(phoneIdentity), ...record.emails.map(emailIdentity)];
  const linked = record.channelUsers.map(({ channel, userId }) => channelUserIdentity(userId, channel));
  const own = externalIdentity(record.externalId, source);
  return {
    source,
    origin: 'CRM',
    externalId: record.externalId,
    name: record.name?.trim() || null,
    attributes: record.attributes ?? {},
    updatedAt: record.updatedAt ?? null,
    identities: [...marked([...unverified, ...linked], false), ...marked([own], true)],
  };
}

function marked(identities: (Identity | null)[], verified: boolean) {
  return identities
    .filter((identity) => identity !== null)
    .map((identity) => Object.assign(identity, { verified }));
}

/** One batch may tell of a record twice; the newer word counts, of two equally old ones the later. */
function newestOfEach(profiles: ProfileContent[]): ProfileContent[] {
  const newest = new Map<string, ProfileContent>();
  for (const profile of profiles) {
    const known = newest.get(profileKey(profile));
    if (!isStale(profile.updatedAt, known?.updatedAt)) newest.set(profileKey(profile), profile);
  }
  return [...newest.values()];
}
