import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { importCustomers, resolveAllProfiles, type CustomerInput } from '../../src/customer/index.ts';
import { resolvePeople } from '../../src/customer/matching/resolve-people.ts';
import { emailIdentity, phoneIdentity } from '../../src/customer/identity/identity.ts';
import { partition, somePersonRecords, type PersonRecord } from '../support/customer/people.ts';
import { openTestGraph, type TestGraph } from '../support/customer/test-graph.ts';

let graph: TestGraph;
beforeAll(async () => {
  graph = await openTestGraph();
});
afterAll(() => graph.close());
beforeEach(() => graph.reset());

const person = (externalId: string, given: Partial<CustomerInput> = {}): CustomerInput => ({
  externalId,
  phones: [],
  emails: [],
  channelUsers: [],
  ...given,
});
const take = (records: CustomerInput[], source = 'crm') =>
  graph.take((em) => importCustomers(em, records, { source }));
const byPhone = async (value: string) =>
  (
    await graph.ask(
      `query ($value: String!) { customersByIdentity(kind: PHONE, value: $value) { id displayName } }`,
      { value },
    )
  ).data.customersByIdentity as { id: string; displayName: string | null }[];
const groups = async () => {
  const rows = await graph.rows<{ customer_id: string; key: string }>(
    `select customer_id, external_id as key from customer_profile`,
  );
  return partition(
    [...Map.groupBy(rows, (row) => row.customer_id).values()].map((group) => group.map(({ key }) => key)),
  );
};

describe('a CRM record', () => {
  test('is found by its phone in any notation, and shows what it said', async () => {
    await take([
      person('C1', {
        name: '张伟',
        phones: ['139 1234 5670', '13000000000'],
        emails: ['ZW@Example.com'],
        channelUsers: [{ channel: 'douyin', userId: 'dy-1' }],
        attributes: { payment: 'cash on delivery', "it's": 'a \\ "quote" ?' },
      }),
    ]);
    const { data } = await graph.ask(`{ customersByIdentity(kind: PHONE, value: "＋８６ 13912345670") {
      displayName identities { kind value channel source matchProbability verified }
      preferences { name value source } sources { source asOf ageSeconds degraded reason } } }`);
    expect(data.customersByIdentity).toEqual([
      {
        displayName: '张伟',
        identities: [
          {
            kind: 'PHONE',
            value: '+8613912345670',
            channel: null,
            source: 'crm',
            matchProbability: 1,
            verified: false,
          },
          {
            kind: 'EMAIL',
            value: 'zw@example.com',
            channel: null,
            source: 'crm',
            matchProbability: 1,
            verified: false,
          },
          {
            kind: 'CHANNEL_USER',
            value: 'dy-1',
            channel: 'douyin',
            source: 'crm',
            matchProbability: 1,
            verified: false,
          },
          {
            kind: 'EXTERNAL',
            value: 'C1',
            channel: null,
            source: 'crm',
            matchProbability: 1,
            verified: true,
          },
        ],
        preferences: [
          { name: "it's", value: 'a \\ "quote" ?', source: 'crm' },
          { name: 'payment', value: 'cash on delivery', source: 'crm' },
        ],
        sources: [
          { source: 'crm', asOf: '2026-11-22T11:59:00.000Z', ageSeconds: 60, degraded: false, reason: null },
        ],
      },
    ]);
  });

  test('taken in again writes nothing', async () => {
    const record = person('C1', { name: '张伟', phones: ['13912345670'] });
    await take([record]);
    graph.statements();
    expect(await take([record])).toEqual({ accepted: 1, rejected: [] });
    expect(graph.statements().length).toBeLessThanOrEqual(5); // begin, turn, profiles, their ids, commit
    expect(await groups()).toEqual(['C1']);
  });

  test('is not overwritten by an older one, in whatever batch', async () => {
    const older = person('C1', { name: 'Old', updatedAt: '2026-11-01T00:00:00Z' });
    const newer = person('C1', { name: 'New', updatedAt: '2026-11-01T08:00:01+08:00' });
    await take([newer, older]);
    await take([older]);
    expect(await graph.rows(`select display_name as name from customer`)).toEqual([{ name: 'New' }]);
  });

  test('that cannot be read is rejected by its index; the others are taken', async () => {
    const result = await take([
      person('C1'),
      person('C2', { name: 'a\0b' }),
      person('C3', { updatedAt: 'yesterday' }),
      person('C4', { attributes: { x: '\ud800' } }),
    ]);
    expect(result.accepted).toBe(1);
    expect(result.rejected.map(({ index }) => index)).toEqual([1, 2, 3]);
  });
});

describe('merges and splits', () => {
  test('a merged id answers the survivor for ever, also over two merges', async () => {
    await take([person('A', { name: 'Ann Lee', emails: ['a@example.com'] })]);
    await take([person('B', { name: 'A. Lee', emails: ['b@example.com'] })]);
    await take([person('C', { name: 'Ann', emails: ['c@example.com'] })]);
    const ids = await graph.rows<{ id: string }>(`select id from customer order by id`);
    await take([person('BC', { emails: ['b@example.com', 'c@example.com'] })], 'shop');
    await take([person('AB', { emails: ['a@example.com', 'b@example.com'] })], 'shop');
    expect(await groups()).toEqual(['A AB B BC C']);
    for (const { id } of ids) {
      const { data } = await graph.ask(`query ($id: ID!) { customer(id: $id) { id displayName } }`, {
        id: id.toUpperCase(),
      });
      expect(data.customer.id).toBe(ids[0]!.id);
    }
    expect(
      await graph.rows(
        `select distinct kind, into_customer, evidence is not null as told from customer_merge where into_customer = ?`,
        [ids[0]!.id],
      ),
    ).toEqual([{ kind: 'MERGE', into_customer: ids[0]!.id, told: true }]);
  });

  test('a name that contradicts splits a household, the oldest keeps the id', async () => {
    await take([
      person('A', { name: '张伟', phones: ['13912345670'] }),
      person('B', { phones: ['13912345670'] }),
    ]);
    const [before] = await byPhone('13912345670');
    await take([person('B', { name: '李娜', phones: ['13912345670'] })]);
    const after = await byPhone('13912345670');
    expect(after.map(({ displayName }) => displayName)).toEqual(['张伟', '李娜']);
    expect(after[0]!.id).toBe(before!.id);
    expect(await graph.rows(`select kind from customer_merge`)).toEqual([{ kind: 'SPLIT' }]);
  });

  test('an identity that is taken away no longer links', async () => {
    await take([
      person('A', { name: 'Ann', emails: ['x@example.com'] }),
      person('B', { name: 'Bob', emails: ['x@example.com'] }),
    ]);
    expect(await groups()).toEqual(['A B']);
    await take([person('B', { name: 'Bob', emails: ['bob@example.com'] })]);
    expect(await groups()).toEqual(['A', 'B']);
  });

  test('one holder less brings an identity back under its limit', async () => {
    const six = [...'ABCDEF'].map((id) => person(id, { name: 'Ann', phones: ['13912345670'] }));
    await take(six);
    expect(await groups()).toHaveLength(6);
    await take([person('F', { name: 'Ann' })]);
    expect(await groups()).toEqual(['A B C D E', 'F']);
  });
});

test('garbage, placeholders and masked values are no identities', async () => {
  for (const [kind, value] of [
    ['PHONE', 'hello'],
    ['PHONE', '13000000000'],
    ['PHONE', '139****5670'],
    ['EMAIL', 'a@b'],
    ['CHANNEL_USER', 'null'],
    ['EXTERNAL', ''],
  ]) {
    const { codes } = await graph.ask(
      `query ($kind: IdentityKind!, $value: String!) { customersByIdentity(kind: $kind, value: $value) { id } }`,
      { kind, value },
    );
    expect(codes).toEqual(['INVALID_IDENTITY']);
  }
});

test('a channel user id is looked up within its channel, or over all of them', async () => {
  await take([
    person('A', { channelUsers: [{ channel: 'jd', userId: 'u1' }] }),
    person('B', { channelUsers: [{ channel: 'douyin', userId: 'u1' }] }),
  ]);
  const ask = async (channel?: string) =>
    (
      await graph.ask(
        `query ($channel: ID) { customersByIdentity(kind: CHANNEL_USER, value: "u1", channel: $channel) { id } }`,
        { channel },
      )
    ).data.customersByIdentity;
  expect(await ask('jd')).toHaveLength(1);
  expect(await ask()).toHaveLength(2);
  expect(await ask('tmall')).toHaveLength(0);
});

test('no such customer is null, not an error', async () => {
  for (const id of ['x', '01890000-0000-7000-8000-000000000000'])
    expect(await graph.ask(`query ($id: ID!) { customer(id: $id) { id } }`, { id })).toEqual({
      data: { customer: null },
      codes: [],
    });
});

test('arrivals in any order and any batches end like a rebuild from scratch', async () => {
  const cases = somePersonRecords.chain((records) =>
    fc.tuple(
      fc.constant(records),
      fc.shuffledSubarray(records, { minLength: records.length }),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([records, arrivals, batches]) => {
      await graph.reset();
      const rest = [...arrivals];
      for (const size of batches)
        for (const [source, batch] of Map.groupBy(rest.splice(0, size), (record) => record.source))
          await take(
            batch.map((record) => person(record.id, { ...record, name: record.name ?? undefined })),
            source,
          );
      const expected = rebuilt(records);
      expect(await groups()).toEqual(expected);
      await graph.take((em) => resolveAllProfiles(em));
      expect(await groups()).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});

test('two processes that take in at once neither fail nor diverge', async () => {
  const records = Array.from({ length: 40 }, (_, index) =>
    person(`P${index}`, {
      name: 'Ann',
      emails: [`${index % 7}@example.com`, `${(index * 3) % 7}x@example.com`],
    }),
  );
  const chunks = Array.from({ length: 8 }, (_, index) => records.filter((__, at) => at % 8 === index));
  await Promise.all(chunks.map((chunk, index) => take(chunk, `crm${index % 2}`)));
  const concurrent = await groups();
  await graph.reset();
  for (const [index, chunk] of chunks.entries()) await take(chunk, `crm${index % 2}`);
  expect(concurrent).toEqual(await groups());
});

function rebuilt(records: PersonRecord[]): string[] {
  const people = resolvePeople(
    records.map(({ phones, emails, ...record }) => ({
      ...record,
      identities: [...phones.map(phoneIdentity), ...emails.map(emailIdentity)].filter(
        (identity) => identity !== null,
      ),
    })),
  );
  return partition(people.map(({ profileIds }) => profileIds));
}
