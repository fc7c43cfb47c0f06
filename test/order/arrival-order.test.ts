import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { importTickets } from '../../src/aftersales/index.ts';
import { importCustomers } from '../../src/customer/index.ts';
import { importOrders } from '../../src/order/index.ts';
import type { EntityManager } from '../../src/platform/database/database.ts';
import { openTestGraph, type TestGraph } from '../support/customer/test-graph.ts';
import { order } from '../support/order/order-records.ts';

let graph: TestGraph;
beforeAll(async () => {
  graph = await openTestGraph();
});
afterAll(() => graph.close());

const person = fc.record(
  {
    name: fc.constantFrom('张伟', '张**', '李娜', 'null'),
    phone: fc.constantFrom('13912345670', '13912345671', '13000000000'),
    email: fc.constantFrom('a@example.com', 'b@example.com'),
    channelUserId: fc.constantFrom('u1', 'u2'),
  },
  { requiredKeys: [] },
);

/** One record on its way: of five orders, three tickets and three CRM people, each in up to three versions. */
const arrival = fc.record({
  kind: fc.constantFrom('order', 'ticket', 'customer'),
  id: fc.integer({ min: 1, max: 5 }),
  minute: fc.integer({ min: 1, max: 3 }),
  person,
});
type Arrival = typeof arrival extends fc.Arbitrary<infer T> ? T : never;

/** Versions of one record differ in their time. */
const arrivals = fc.uniqueArray(arrival, {
  maxLength: 14,
  selector: ({ kind, id, minute }) => `${kind} ${id} ${minute}`,
});

async function take(em: EntityManager, { kind, id, minute, person: who }: Arrival): Promise<void> {
  const updatedAt = `2026-11-21T08:0${minute}:00Z`;
  const { phone, email, channelUserId, name } = who;
  if (kind === 'order') {
    await importOrders(em, [order(`O${id}`, { buyer: who, updatedAt })], { source: 'shop' });
  } else if (kind === 'ticket') {
    const openedAt = '2026-11-21T08:00:00Z';
    const ticket = {
      externalId: `T${id}`,
      subject: '?',
      status: 'OPEN' as const,
      openedAt,
      updatedAt,
      channel: 'shop',
    };
    await importTickets(em, [Object.assign(ticket, { requester: who })], { source: 'desk' });
  } else {
    const channelUsers = channelUserId ? [{ channel: 'shop', userId: channelUserId }] : [];
    const identities = { phones: phone ? [phone] : [], emails: email ? [email] : [], channelUsers };
    await importCustomers(em, [{ externalId: `C${id}`, ...(name && { name }), updatedAt, ...identities }], {
      source: 'crm',
    });
  }
}

/** Whose each order, ticket and CRM record is, without ids: groups of records, with the name that they show. */
async function outcome(): Promise<string[]> {
  const rows = await graph.rows<{ customer: string; name: string | null; record: string }>(`
    select p.customer_id as customer, c.display_name as name, r.record
    from customer_profile p join customer c on c.id = p.customer_id
    cross join lateral (
      select external_id as record from sales_order where profile_id = p.id
      union all select external_id from ticket where profile_id = p.id
      union all select p.external_id where p.origin = 'CRM'
    ) r`);
  const groups = [...Map.groupBy(rows, ({ customer }) => customer).values()];
  return groups
    .map(
      (group) =>
        `${group
          .map(({ record }) => record)
          .sort()
          .join(' ')}: ${group[0]!.name}`,
    )
    .sort();
}

async function arriveIn(sequence: Arrival[]): Promise<string[]> {
  await graph.reset();
  for (const one of sequence) await graph.take((em) => take(em, one));
  return outcome();
}

test('who is who, and by which name, does not depend on the order in which versions of records arrive', async () => {
  const twoOrders = arrivals.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  await fc.assert(
    fc.asyncProperty(twoOrders, async ([one, other]) => {
      expect(await arriveIn(one)).toEqual(await arriveIn(other));
    }),
    { numRuns: 25 },
  );
});
