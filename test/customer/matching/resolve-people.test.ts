import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assignCustomers } from '../../../src/customer/matching/assignment.ts';
import { emailIdentity, identityKey, phoneIdentity } from '../../../src/customer/identity/identity.ts';
import { resolvePeople, type Profile } from '../../../src/customer/matching/resolve-people.ts';
import { partition, somePersonRecords, type PersonRecord } from '../../support/customer/people.ts';

const PHONE = '13912345670';

function profile(id: string, name: string | null, given: Partial<PersonRecord> = {}): Profile {
  const identities = [
    ...(given.phones ?? [PHONE]).map(phoneIdentity),
    ...(given.emails ?? []).map(emailIdentity),
  ];
  return {
    id,
    source: given.source ?? 'crm',
    origin: given.origin ?? 'CRM',
    name,
    identities: identities.filter((identity) => identity !== null),
  };
}

const people = (...profiles: Profile[]) =>
  partition(resolvePeople(profiles).map(({ profileIds }) => profileIds));

describe('profiles that share a phone', () => {
  test('are one person over sources, whatever the names', () => {
    expect(people(profile('a', '张伟'), profile('b', 'Z. Wei', { source: 'jd', origin: 'ORDER' }))).toEqual([
      'a b',
    ]);
  });

  test('are a household when one source names them differently', () => {
    expect(people(profile('a', '张伟'), profile('b', '李娜'))).toEqual(['a', 'b']);
  });

  test('of a household still join who bears the same name', () => {
    const order = { source: 'jd', origin: 'ORDER' } as const;
    expect(people(profile('a', '张伟'), profile('b', '李娜'), profile('c', '张 伟', order))).toEqual([
      'a c',
      'b',
    ]);
  });

  test('of a household give a masked name to the only one it fits, and none to a missing one', () => {
    const masked = profile('c', '李*', { source: 'jd', origin: 'ORDER' });
    const nameless = profile('d', null, { source: 'jd', origin: 'ORDER' });
    expect(people(profile('a', '张伟'), profile('b', '李娜'), masked, nameless)).toEqual(['a', 'b c', 'd']);
    expect(people(profile('a', '李伟'), profile('b', '李娜'), masked)).toEqual(['a', 'b', 'c']);
  });

  test('are not two because one is masked', () => {
    expect(people(profile('a', '张伟'), profile('b', '张**'))).toEqual(['a b']);
  });

  test('join by another identity all the same', () => {
    const emails = ['home@example.com'];
    expect(people(profile('a', '张伟', { emails }), profile('b', '李娜', { emails }))).toEqual(['a b']);
  });

  test('beyond the limit of CRM profiles are nobody in particular', () => {
    const six = [...'abcdef'].map((id) => profile(id, '张伟'));
    expect(people(...six.slice(0, 5))).toEqual(['a b c d e']);
    expect(people(...six)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});

test('fillers and hotlines link nobody', () => {
  const weak = { phones: ['13000000000', '400-811-1111'], emails: ['null'] };
  expect(people(profile('a', '张伟', weak), profile('b', '张伟', weak))).toEqual(['a', 'b']);
});

describe('customer ids', () => {
  const assign = (groups: string[][], current: Record<string, string>) =>
    assignCustomers(
      groups.map((profileIds) => ({ profileIds, links: [] })),
      (id) => current[id] ?? null,
      () => 'new',
    );

  test('the oldest survives a merge', () => {
    const { people: assigned, moves } = assign([['p1', 'p2']], { p1: 'c2', p2: 'c1' });
    expect(assigned[0]).toMatchObject({ customerId: 'c1', isNew: false });
    expect(moves).toMatchObject([{ kind: 'MERGE', from: 'c2', into: 'c1' }]);
  });

  test('a split leaves the id with the oldest profile', () => {
    const { people: assigned, moves } = assign([['p2'], ['p1', 'p3']], { p1: 'c1', p2: 'c1', p3: 'c1' });
    expect(assigned.map(({ customerId }) => customerId)).toEqual(['new', 'c1']);
    expect(moves).toMatchObject([{ kind: 'SPLIT', from: 'c1', into: 'new' }]);
  });
});

test('any order of arrivals, one by one and with corrections, ends like a rebuild from scratch', () => {
  fc.assert(
    fc.property(
      somePersonRecords.chain((records) =>
        fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length })),
      ),
      ([records, arrivals]) => {
        const rebuilt = partition(resolvePeople(records.map(toProfile)).map(({ profileIds }) => profileIds));
        expect(arriveOneByOne(arrivals.map(toProfile))).toEqual(rebuilt);
      },
    ),
    { numRuns: 500 },
  );
});

const toProfile = (record: PersonRecord) => ({
  ...profile(record.id, record.name, record),
  source: record.source,
});

/** What the hub does: resolves the connected part of each arrival anew, and leaves the rest as it is. */
function arriveOneByOne(arrivals: Profile[]): string[] {
  const customers = new Map<string, string>();
  const known: Profile[] = [];
  for (const [step, arrival] of arrivals.entries()) {
    known.push(arrival);
    const affected = connectedTo(arrival, known);
    let made = 0;
    const { people: assigned } = assignCustomers(
      resolvePeople(affected),
      (id) => customers.get(id) ?? null,
      () => `c${String(step).padStart(3, '0')}-${made++}`,
    );
    for (const { customerId, profileIds } of assigned)
      for (const id of profileIds) customers.set(id, customerId);
  }
  return partition(
    [...Map.groupBy(customers, ([, customer]) => customer).values()].map((group) => group.map(([id]) => id)),
  );
}

function connectedTo(arrival: Profile, all: Profile[]): Profile[] {
  const reached = new Set([arrival]);
  for (const one of reached) {
    const keys = new Set(one.identities.map(identityKey));
    for (const other of all)
      if (other.identities.some((identity) => keys.has(identityKey(identity)))) reached.add(other);
  }
  return [...reached];
}
