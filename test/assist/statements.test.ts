import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { importReturns, importTickets } from '../../src/aftersales/index.ts';
import { importCustomers } from '../../src/customer/index.ts';
import { importOrders } from '../../src/order/index.ts';
import { openTestGraph, type TestGraph } from '../support/customer/test-graph.ts';
import { order } from '../support/order/order-records.ts';

let graph: TestGraph;
beforeAll(async () => {
  graph = await openTestGraph();
});
afterAll(() => graph.close());

/** Customers with one phone each ("several people share it" makes them one list), with orders, tickets and returns. */
async function fill(customers: number, ordersEach: number): Promise<void> {
  await graph.reset();
  const people = Array.from({ length: customers }, (_, n) => ({
    phone: '13912345670',
    channelUserId: `u${n}`,
    name: `Person ${n}`,
  }));
  const orders = people.flatMap((buyer, n) =>
    Array.from({ length: ordersEach }, (_, at) =>
      order(`O${n}-${at}`, {
        buyer,
        lines: [1, 2, 3].map((line) => ({
          externalId: `${line}`,
          sku: `S${line}`,
          quantity: 1,
          unitPriceMinor: 100,
        })),
      }),
    ),
  );
  await graph.take(async (em) => {
    await importCustomers(
      em,
      people.map(({ name, phone, channelUserId }) => ({
        externalId: name,
        name,
        phones: [phone],
        emails: [],
        channelUsers: [{ channel: 'shop', userId: channelUserId }],
        attributes: { colour: 'red' },
      })),
      { source: 'crm' },
    );
    await importOrders(em, orders, { source: 'shop' });
    const about = orders.map(({ externalId, buyer }) => ({
      externalId: `T${externalId}`,
      subject: 'Hello',
      status: 'OPEN' as const,
      openedAt: '2026-11-21T08:00:00Z',
      channel: 'shop',
      orderExternalId: externalId,
      requester: buyer,
    }));
    await importTickets(em, about, { source: 'desk' });
    await importReturns(
      em,
      orders.map(({ externalId }) => ({
        externalId: `R${externalId}`,
        channel: 'shop',
        orderExternalId: externalId,
        status: 'REQUESTED' as const,
        requestedAt: '2026-11-21T08:00:00Z',
        lines: [{ orderLineExternalId: '1', quantity: 1 }],
      })),
      { source: 'desk' },
    );
  });
}

const EVERYTHING = `{
  customersByIdentity(kind: PHONE, value: "13912345670") {
    id displayName identities { value } preferences { name } sources { source }
    orders(first: 10) { nodes {
      id customer { id } total { amountMinor } lines { unitPrice { currency } sku { code title } }
      tickets { id } returns { id lines { quantity } } source { source } } }
    tickets(first: 10) { nodes { id order { id customer { displayName } } customer { id } } }
    returns(first: 10) { nodes { id order { id } lines { quantity } } }
  }
}`;

async function statementsFor(customers: number, ordersEach: number): Promise<string[]> {
  await fill(customers, ordersEach);
  graph.statements();
  const { data, codes } = await graph.ask(EVERYTHING);
  expect(codes).toEqual([]);
  expect(data.customersByIdentity).toHaveLength(customers);
  for (const customer of data.customersByIdentity) {
    const expected = Math.min(10, ordersEach);
    for (const list of ['orders', 'tickets', 'returns']) expect(customer[list].nodes).toHaveLength(expected);
    for (const node of customer.orders.nodes) {
      expect(node.lines).toHaveLength(3);
      expect(node.tickets).toHaveLength(1);
      expect(node.customer.id).toBe(customer.id);
    }
  }
  return graph.statements();
}

test('the statements of one operation stay as many however many rows it reads', async () => {
  const few = await statementsFor(1, 1);
  const some = await statementsFor(3, 7);
  const many = await statementsFor(40, 12);
  expect(some).toHaveLength(few.length);
  expect(many).toHaveLength(few.length);
  expect(few.length).toBeLessThanOrEqual(16);
});
