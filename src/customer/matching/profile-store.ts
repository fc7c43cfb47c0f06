import { createHash } from 'node:crypto';
import type { EntityManager } from '../../platform/database/database.ts';
import { newId } from '../../platform/database/ids.ts';
import { identityKey, type Identity } from '../identity/identity.ts';
import type { ProfileOrigin } from './resolve-people.ts';

/** A person record to be stored under its own key (source, origin, externalId). */
export interface ProfileContent {
  source: string;
  origin: ProfileOrigin;
  externalId: string;
  name: string | null;
  attributes: Record<string, string>;
  /** ISO 8601; null when the source does not say. */
  updatedAt: string | null;
  identities: (Identity & { verified: boolean })[];
}

/** A thing whose holders may have to be resolved anew. */
export type AffectedKey =
  { kind: 'PROFILE' | 'CUSTOMER'; value: string; scope: '' } | Pick<Identity, 'kind' | 'value' | 'scope'>;

/**
 * Stores profiles with their identities; a stale or unchanged one is left as it is. `contents` names no key twice.
 * @returns the id of each profile by its key, and what the change may affect
 */
export async function storeProfiles(em: EntityManager, contents: readonly ProfileContent[]) {
  const changed = await upsertProfiles(em, contents);
  const lost = changed.size > 0 ? await replaceIdentities(em, contents, changed) : [];
  const ids = changed.size === contents.length ? changed : await profileIds(em, contents);
  const seeds: AffectedKey[] = [...changed.values()].map((value) => ({ kind: 'PROFILE', value, scope: '' }));
  return { ids, seeds: [...seeds, ...lost] };
}

export function profileKey(profile: Pick<ProfileContent, 'source' | 'origin' | 'externalId'>): string {
  return JSON.stringify([profile.source, profile.origin, profile.externalId]);
}

/** A short name of any JSON content, equal for equal content. */
export function digestOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 27);
}

type KeyRow = { id: string; source: string; origin: ProfileOrigin; externalId: string };

async function upsertProfiles(
  em: EntityManager,
  contents: readonly ProfileContent[],
): Promise<Map<string, string>> {
  const rows = contents.map((content) => ({
    ...content,
    id: newId(),
    identities: undefined,
    digest: digestOf(content),
  }));
  const changed = await em.execute<KeyRow[]>(
    `insert into customer_profile as p (id, source, origin, external_id, name, attributes, updated_at, digest)
     select id, source, origin, "externalId", name, attributes, "updatedAt", digest
     from json_to_recordset(?::json) as r(id uuid, source text, origin text, "externalId" text, name text,
       attributes jsonb, "updatedAt" timestamptz, digest text)
     on conflict (source, origin, external_id) do update
     set name = excluded.name, attributes = excluded.attributes, digest = excluded.digest,
       updated_at = coalesce(excluded.updated_at, p.updated_at)
     where p.digest <> excluded.digest and (excluded.updated_at < p.updated_at) is not true
     returning id, source, origin, external_id as "externalId"`,
    [JSON.stringify(rows)],
  );
  return new Map(changed.map((row) => [profileKey(row), row.id]));
}

/** @returns the strong identities that a profile no longer has */
async function replaceIdentities(
  em: EntityManager,
  contents: readonly ProfileContent[],
  changed: ReadonlyMap<string, string>,
): Promise<AffectedKey[]> {
  const wanted = contents.flatMap((content) => {
    const profileId = changed.get(profileKey(content));
    return profileId
      ? distinct(content.identities).map((identity) => Object.assign({ profileId }, identity))
      : [];
  });
  return em.execute<AffectedKey[]>(
    `with wanted as materialized (
       select * from json_to_recordset(?::json) as w("profileId" uuid, kind text, value text, scope text, strong boolean, verified boolean)
     ), changed as (select value::uuid as id from json_array_elements_text(?::json)
     ), gone as (
       delete from customer_identity i using changed c
       where i.profile_id = c.id and (i.profile_id, i.kind, i.value, i.scope) not in (select "profileId", kind, value, scope from wanted)
       returning i.kind, i.value, i.scope, i.strong
     ), stored as (
       insert into customer_identity (profile_id, kind, value, scope, strong, verified)
       select "profileId", kind, value, scope, strong, verified from wanted
       on conflict (profile_id, kind, value, scope) do update set strong = excluded.strong, verified = excluded.verified
     )
     select distinct kind, value, scope from gone where strong`,
    [JSON.stringify(wanted), JSON.stringify([...changed.values()])],
  );
}

async function profileIds(
  em: EntityManager,
  contents: readonly ProfileContent[],
): Promise<Map<string, string>> {
  const keys = contents.map(({ source, origin, externalId }) => ({ source, origin, externalId }));
  const rows = await em.execute<KeyRow[]>(
    `select p.id, p.source, p.origin, p.external_id as "externalId"
     from json_to_recordset(?::json) as k(source text, origin text, "externalId" text)
     join customer_profile p on p.source = k.source and p.origin = k.origin and p.external_id = k."externalId"`,
    [JSON.stringify(keys)],
  );
  return new Map(rows.map((row) => [profileKey(row), row.id]));
}

function distinct<I extends Identity>(identities: readonly I[]): I[] {
  return [...new Map(identities.map((identity) => [identityKey(identity), identity])).values()];
}
