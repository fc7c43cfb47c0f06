import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { GraphQLDataSource } from '@apollo/gateway';
import { graphql, parse, type GraphQLSchema } from 'graphql';
import { importTickets } from '../../src/aftersales/index.ts';
import { importCustomers, type FreshnessOf } from '../../src/customer/index.ts';
import { buildHubSchema } from '../../src/graph/execution/build-schema.ts';
import { buildSubgraphs } from '../../src/graph/subgraphs/build-subgraphs.ts';
import { SkuResolver } from '../../src/inventory/catalogue/catalogue.resolver.ts';
import { resolverClasses, subgraphs } from '../../src/model.ts';
import { importOrders } from '../../src/order/index.ts';
import { subgraphNames } from '../../src/platform/process/config.ts';
import { RequestContext } from '../../src/platform/api/request-context.ts';
import { openTestGraph, type TestGraph } from '../support/customer/test-graph.ts';
import { readingResolvers } from '../support/graph/module-resolvers.ts';
import { order } from '../support/order/order-records.ts';
import { startGateway, type Gateway } from '../support/federation/gateway.ts';

const LINES = ['S1', 'S2', 'S3'];
let graph: TestGraph;
let gateway: Gateway;
beforeAll(async () => {
  graph = await openTestGraph();
  const served = buildSubgraphs(await mergedSchema(), subgraphs, subgraphNames);
  gateway = await startGateway((name) => inProcess(served.get(name)!));
});
afterAll(async () => {
  await gateway?.stop();
  await graph?.close();
});

/** The whole schema; what these queries do not reach has no collaborators. */
function mergedSchema(): Promise<GraphQLSchema> {
  const freshnessOf: FreshnessOf = (source) => ({
    source,
    asOf: null,
    ageSeconds: null,
    degraded: false,
    reason: null,
  });
  return buildHubSchema(resolverClasses, [new SkuResolver(), ...readingResolvers(freshnessOf)]);
}

/** As over HTTP, each request to a subgraph has a context, and so loaders, of its own. */
function inProcess(schema: GraphQLSchema): GraphQLDataSource {
  return {
    async process({ request }) {
      const contextValue = new RequestContext(
        { partner: 'test', name: 'test', admin: true },
        graph.orm.em.fork(),
      );
      const { query, variables } = request;
      return (await graphql({ schema, source: query!, variableValues: variables, contextValue })) as never;
    },
  };
}

/** As many customers behind one phone, each with an order of three lines and a ticket. */
async function fill(customers: number): Promise<void> {
  await graph.reset();
  const people = Array.from({ length: customers }, (_, n) => ({
    phone: '13912345670',
    channelUserId: `u${n}`,
    name: `P${n}`,
  }));
  const orders = people.map((buyer, n) =>
    order(`O${n}`, {
      buyer,
      lines: LINES.map((sku, line) => ({ externalId: `${line}`, sku, quantity: 1, unitPriceMinor: 100 })),
    }),
  );
  await graph.take(async (em) => {
    const crm = people.map(({ name, phone, channelUserId }) => ({
      externalId: name,
      name,
      phones: [phone],
      emails: [],
      channelUsers: [{ channel: 'shop', userId: channelUserId }],
      attributes: {},
    }));
    await importCustomers(em, crm, { source: 'crm' });
    await importOrders(em, orders, { source: 'shop' });
    const tickets = orders.map(({ externalId, buyer }) => ({
      externalId: `T${externalId}`,
      subject: 'Hello',
      status: 'OPEN' as const,
      openedAt: '2026-11-21T08:00:00Z',
      channel: 'shop',
      orderExternalId: externalId,
      requester: buyer,
    }));
    await importTickets(em, tickets, { source: 'desk' });
  });
}

/** Through every hop: customer → orders → inventory, → aftersales → orders → customer. */
const QUERY = parse(`{
  customersByIdentity(kind: PHONE, value: "13912345670") {
    displayName identities { value }
    orders(first: 10) { nodes { externalId lines { sku { title } } tickets { subject order { state } customer { displayName } } } }
    tickets(first: 10) { nodes { order { externalId customer { displayName } } } }
  }
}`);

async function statementsFor(customers: number): Promise<string[]> {
  await fill(customers);
  graph.statements();
  const { data, codes } = await gateway.ask(QUERY);
  const statements = graph.statements();
  expect(codes).toEqual([]);
  expect(data.customersByIdentity).toHaveLength(customers);
  for (const { displayName, orders, tickets } of data.customersByIdentity) {
    const [{ lines, tickets: about }] = orders.nodes;
    expect(lines.map(({ sku }: { sku: { title: string } }) => sku.title)).toEqual(['Hoodie', 'Mug', 'Cap']);
    expect(about).toEqual([
      { subject: 'Hello', order: { state: expect.any(String) }, customer: { displayName } },
    ]);
    expect(tickets.nodes[0].order.customer).toEqual({ displayName });
  }
  return statements;
}

test('references are looked up together: as many statements for 50 customers as for 5', async () => {
  const few = await statementsFor(5);
  const many = await statementsFor(50);
  expect(many).toHaveLength(few.length);
  expect(few.length).toBeLessThanOrEqual(30);
});
