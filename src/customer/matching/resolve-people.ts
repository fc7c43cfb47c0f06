import { identityKey, IdentityKind, type Identity } from '../identity/identity.ts';
import { comparableName, isMaskOf, mayBeOnePerson, type ComparableName } from '../identity/names.ts';

/** From what kind of record a profile comes. */
export type ProfileOrigin = 'CRM' | 'ORDER' | 'TICKET';

/** The facts of a source about a person that identity resolution reads. */
export interface Profile {
  id: string;
  source: string;
  origin: ProfileOrigin;
  name: string | null;
  /** Normalised; those that are not strong are ignored here. */
  identities: readonly Identity[];
}

/** Profiles that one identity says are one person. */
export interface Link {
  identity: Identity;
  profileIds: string[];
}

/** One person: profiles connected by links. */
export interface Person {
  profileIds: string[];
  links: Link[];
}

export interface ResolutionRules {
  /** An identity on more CRM profiles than this is a shop's, a courier's or a call centre's: it links nothing. */
  maxCrmProfilesPerIdentity: number;
}

export const defaultResolutionRules: ResolutionRules = { maxCrmProfilesPerIdentity: 5 };

/**
 * Resolves people: the deterministic part of semantics §4. A pure function of the set of profiles, so neither the
 * order nor the repetition of arrivals can matter. `profiles` must hold, for each of its identities, every profile
 * that has it: whether an identity links depends on all who share it.
 */
export function resolvePeople(
  profiles: readonly Profile[],
  rules: ResolutionRules = defaultResolutionRules,
): Person[] {
  const links = [...sharedIdentities(profiles).values()].flatMap(({ identity, holders }) =>
    linkedBy(identity, holders, rules).map((linked) => ({
      identity,
      profileIds: linked.map(({ id }) => id),
    })),
  );
  return connected(profiles, links);
}

function sharedIdentities(profiles: readonly Profile[]) {
  const shared = new Map<string, { identity: Identity; holders: Profile[] }>();
  for (const profile of profiles) {
    for (const identity of profile.identities) {
      if (!identity.strong) continue;
      const key = identityKey(identity);
      const known = shared.get(key);
      if (known) known.holders.push(profile);
      else shared.set(key, { identity, holders: [profile] });
    }
  }
  return shared;
}

/** The groups among the holders of one identity that it may join. */
function linkedBy(identity: Identity, holders: Profile[], rules: ResolutionRules): Profile[][] {
  if (holders.length < 2) return [];
  const ofCrm = holders.filter(({ origin }) => origin === 'CRM').length;
  if (ofCrm > rules.maxCrmProfilesPerIdentity) return [];
  const named = holders.map((profile) => ({ profile, name: comparableName(profile.name) }));
  if (identity.kind !== IdentityKind.PHONE || !namesSeveralPeople(named)) return [holders];
  return linkedByName(named);
}

interface Named {
  profile: Profile;
  name: ComparableName | null;
}

/** One source tells two names apart on this phone: a family's, or a shop's. */
function namesSeveralPeople(holders: Named[]): boolean {
  const bySource = Map.groupBy(holders, ({ profile }) => profile.source);
  return [...bySource.values()].some((ofSource) => hasContradiction(distinctNames(ofSource)));
}

function distinctNames(holders: Named[]): ComparableName[] {
  const names = new Map<string, ComparableName>();
  for (const { name } of holders) if (name) names.set(name.text, name);
  return [...names.values()];
}

function hasContradiction(names: ComparableName[]): boolean {
  return names.some((name, index) => names.slice(index + 1).some((other) => !mayBeOnePerson(name, other)));
}

/**
 * A phone of several people joins who also has the same name. A masked name joins the only full name that it can
 * stand for; without a name nobody is joined.
 */
function linkedByName(holders: Named[]): Profile[][] {
  const groups = new Map<string, { name: ComparableName; profiles: Profile[] }>();
  for (const { profile, name } of holders) {
    if (!name || name.masked) continue;
    const group = groups.get(name.text);
    if (group) group.profiles.push(profile);
    else groups.set(name.text, { name, profiles: [profile] });
  }
  const full = [...groups.values()];
  for (const { profile, name } of holders) {
    if (!name?.masked) continue;
    const fitting = full.filter((group) => isMaskOf(name, group.name));
    if (fitting.length === 1) fitting[0]!.profiles.push(profile);
  }
  return full.map(({ profiles }) => profiles).filter((profiles) => profiles.length > 1);
}

/** Connected components over the links; every profile is in exactly one. */
function connected(profiles: readonly Profile[], links: Link[]): Person[] {
  const parents = new Map(profiles.map(({ id }) => [id, id]));
  const rootOf = (id: string): string => {
    let root = id;
    while (parents.get(root) !== root) root = parents.get(root)!;
    for (let step = id; step !== root;) {
      const next = parents.get(step)!;
      parents.set(step, root);
      step = next;
    }
    return root;
  };
  for (const { profileIds } of links)
    for (const id of profileIds) parents.set(rootOf(id), rootOf(profileIds[0]!));
  const people = new Map<string, Person>();
  for (const { id } of profiles) {
    const root = rootOf(id);
    const person = people.get(root);
    if (person) person.profileIds.push(id);
    else people.set(root, { profileIds: [id], links: [] });
  }
  for (const link of links) people.get(rootOf(link.profileIds[0]!))!.links.push(link);
  return [...people.values()];
}
