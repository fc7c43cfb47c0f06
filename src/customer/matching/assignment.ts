import type { Identity } from '../identity/identity.ts';
import type { Person } from './resolve-people.ts';

/** A person under the customer id that names them from now on. */
export interface AssignedPerson extends Person {
  customerId: string;
  isNew: boolean;
}

/** A change of who is who, for the log. */
export interface CustomerMove {
  kind: 'MERGE' | 'SPLIT';
  from: string;
  into: string;
  /** The identities that tie what was separate before; empty for a split. */
  evidence: Identity[];
}

export interface PersonAssignment {
  people: AssignedPerson[];
  moves: CustomerMove[];
}

/**
 * Which customer id each person bears. Ids are time-ordered, so "oldest" is the least. A customer id stays with its
 * oldest profile; where several ids meet in one person, the oldest survives and the others merge into it; a person
 * to whom no id came gets a new one.
 */
export function assignCustomers(
  people: readonly Person[],
  currentCustomerOf: (profileId: string) => string | null,
  newId: () => string,
): PersonAssignment {
  const anchors = anchorProfiles(people, currentCustomerOf);
  const moves: CustomerMove[] = [];
  const assigned = people.map((person): AssignedPerson => {
    const before = distinctCustomers(person, currentCustomerOf);
    const owned = before.filter((id) => person.profileIds.includes(anchors.get(id)!)).sort();
    const [survivor, ...merged] = owned;
    const customerId = survivor ?? newId();
    for (const from of merged)
      moves.push({ kind: 'MERGE', from, into: customerId, evidence: tying(person, from, currentCustomerOf) });
    for (const from of before.filter((id) => !owned.includes(id)))
      moves.push({ kind: 'SPLIT', from, into: customerId, evidence: [] });
    return { ...person, customerId, isNew: survivor === undefined };
  });
  return { people: assigned, moves };
}

/** The oldest profile of each present customer. */
function anchorProfiles(people: readonly Person[], currentCustomerOf: (profileId: string) => string | null) {
  const anchors = new Map<string, string>();
  for (const profileId of people.flatMap((person) => person.profileIds)) {
    const customer = currentCustomerOf(profileId);
    const anchor = customer && anchors.get(customer);
    if (customer && (!anchor || profileId < anchor)) anchors.set(customer, profileId);
  }
  return anchors;
}

function distinctCustomers(
  person: Person,
  currentCustomerOf: (profileId: string) => string | null,
): string[] {
  return [...new Set(person.profileIds.map(currentCustomerOf).filter((id) => id !== null))];
}

function tying(
  person: Person,
  from: string,
  currentCustomerOf: (profileId: string) => string | null,
): Identity[] {
  return person.links
    .filter(({ profileIds }) => {
      const inside = profileIds.filter((id) => currentCustomerOf(id) === from).length;
      return inside > 0 && inside < profileIds.length;
    })
    .map(({ identity }) => identity);
}
