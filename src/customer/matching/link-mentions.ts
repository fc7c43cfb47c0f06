import type { EntityManager } from '../../platform/database/database.ts';
import { channelUserIdentity, emailIdentity, phoneIdentity } from '../identity/identity.ts';
import {
  digestOf,
  profileKey,
  storeProfiles,
  type ProfileContent,
  type AffectedKey,
} from './profile-store.ts';
import { resolveAffectedProfiles } from './resolve-affected-profiles.ts';
import type { ResolutionRules } from './resolve-people.ts';

/** A person as an order or a ticket names them. */
export interface PersonInput {
  name?: string;
  phone?: string;
  email?: string;
  /** The person's id within the channel of the record. */
  channelUserId?: string;
}

/** That an order or a ticket, known by (origin, scope, externalId), now names this person. */
export interface Mention {
  origin: 'ORDER' | 'TICKET';
  /** Within which `externalId` is unique: the channel of an order, the source of a ticket. */
  scope: string;
  externalId: string;
  source: string;
  /** Undefined for a ticket that came by no channel. */
  channel: string | undefined;
  person: PersonInput;
  /** ISO 8601; when the record said so. */
  mentionedAt: string;
}

/**
 * Links the people whom orders and tickets name with customers. The caller holds the matching lock, passes each record
 * once, and no stale ones.
 * @returns for each mention the id of its profile, which knows its customer (view customer_of_profile); null for a
 *   person without any identity that could tell them from others
 */
export async function linkMentions(
  em: EntityManager,
  mentions: readonly Mention[],
  rules?: ResolutionRules,
): Promise<(string | null)[]> {
  if (mentions.length === 0) return [];
  const profiles = mentions.map(profileOf);
  const { ids, seeds } = await storeProfiles(em, [
    ...new Map(
      profiles.filter((profile) => profile !== null).map((profile) => [profileKey(profile), profile]),
    ).values(),
  ]);
  const profileIds = profiles.map((profile) => (profile ? ids.get(profileKey(profile))! : null));
  const left = await storeMentions(em, mentions, profileIds);
  const orphans = left.length > 0 ? await removeOrphans(em, left) : [];
  const mentioned = profileIds
    .filter((id) => id !== null)
    .map((value): AffectedKey => ({ kind: 'PROFILE', value, scope: '' }));
  await resolveAffectedProfiles(em, [...seeds, ...mentioned, ...orphans], rules);
  return profileIds;
}

/**
 * The profile of a mention. People named alike (same name and identities, in one channel) share one: a buyer with a
 * thousand orders is one profile, not a thousand.
 */
function profileOf({ origin, source, channel, person }: Mention): ProfileContent | null {
  const user = person.channelUserId ? channelUserIdentity(person.channelUserId, channel ?? source) : null;
  const phone = person.phone ? phoneIdentity(person.phone) : null;
  const email = person.email ? emailIdentity(person.email) : null;
  const identities = [user, phone, email].filter((identity) => identity !== null);
  if (!identities.some(({ strong }) => strong)) return null;
  const name = person.name?.trim() || null;
  return {
    source,
    origin,
    externalId: digestOf([channel ?? null, name, identities]),
    name,
    attributes: {},
    updatedAt: null,
    identities: identities.map((identity) => Object.assign(identity, { verified: identity === user })),
  };
}

/** @returns the profiles that a record named before and names no more */
async function storeMentions(
  em: EntityManager,
  mentions: readonly Mention[],
  profileIds: readonly (string | null)[],
): Promise<string[]> {
  const rows = mentions.map(({ origin, scope, externalId, mentionedAt }, index) => ({
    origin,
    scope,
    externalId,
    profileId: profileIds[index],
    mentionedAt,
  }));
  const left = await em.execute<{ profileId: string }[]>(
    `with given as materialized (
       select * from json_to_recordset(?::json)
         as g(origin text, scope text, "externalId" text, "profileId" uuid, "mentionedAt" timestamptz)
     ), left_behind as (
       select m.profile_id from customer_mention m
       join given g on m.origin = g.origin and m.scope = g.scope and m.external_id = g."externalId"
       where m.profile_id is distinct from g."profileId"
     ), stored as (
       insert into customer_mention as m (origin, scope, external_id, profile_id, mentioned_at)
       select origin, scope, "externalId", "profileId", "mentionedAt" from given where "profileId" is not null
       on conflict (origin, scope, external_id) do update
       set profile_id = excluded.profile_id, mentioned_at = excluded.mentioned_at
     ), removed as (
       delete from customer_mention m using given g
       where g."profileId" is null and m.origin = g.origin and m.scope = g.scope and m.external_id = g."externalId"
     )
     select distinct profile_id as "profileId" from left_behind`,
    [JSON.stringify(rows)],
  );
  return left.map(({ profileId }) => profileId);
}

/** Removes those of the profiles that nothing mentions any more. @returns what their removal may affect */
async function removeOrphans(em: EntityManager, profileIds: readonly string[]): Promise<AffectedKey[]> {
  return em.execute<AffectedKey[]>(
    `with orphan as materialized (
       select p.id, p.customer_id from json_array_elements_text(?::json) as e
       join customer_profile p on p.id = e.value::uuid
       where p.origin <> 'CRM' and not exists (select from customer_mention m where m.profile_id = p.id)
     ), gone as (
       delete from customer_profile p using orphan o where p.id = o.id
     )
     select i.kind, i.value, i.scope from customer_identity i join orphan o on o.id = i.profile_id where i.strong
     union
     select 'CUSTOMER', customer_id::text, '' from orphan where customer_id is not null`,
    [JSON.stringify(profileIds)],
  );
}
