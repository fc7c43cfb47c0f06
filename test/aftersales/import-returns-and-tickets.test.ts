import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  importReturns,
  importTickets,
  type ReturnInput,
  type TicketInput,
} from '../../src/aftersales/index.ts';
import { importOrders } from '../../src/order/index.ts';
import { openTestGraph, type TestGraph } from '../support/customer/test-graph.ts';
import { order } from '../support/order/order-records.ts';

let graph: TestGraph;
beforeAll(async () => {
  graph = await openTestGraph();
});
afterAll(() => graph.close());
beforeEach(() => graph.reset());

const ticket = (externalId: string, given: Partial<TicketInput> = {}): TicketInput => ({
  externalId,
  subject: 'Where is my parcel?',
  status: 'OPEN',
  openedAt: '2026-11-21T08:00:00Z',
  requester: {},
  ...given,
});
const returned = (externalId: string, given: Partial<ReturnInput> = {}): ReturnInput => ({
  externalId,
  channel: 'shop',
  orderExternalId: 'O1',
  status: 'REQUESTED',
  requestedAt: '2026-11-21T09:00:00Z',
  lines: [{ orderLineExternalId: '1', quantity: 1 }],
  ...given,
});
const takeTickets = (...records: TicketInput[]) =>
  graph.take((em) => importTickets(em, records, { source: 'desk' }));
const takeReturns = (...records: ReturnInput[]) =>
  graph.take((em) => importReturns(em, records, { source: 'desk' }));
const takeOrder = () =>
  graph.take((em) =>
    importOrders(em, [order('O1', { buyer: { name: '张伟', phone: '13912345670' } })], { source: 'shop' }),
  );
const CUSTOMER = `customersByIdentity(kind: PHONE, value: "13912345670")`;

describe('tickets', () => {
  test('find their customer by the requester and their order by its number, also when the order comes later', async () => {
    await takeTickets(
      ticket('T1', { requester: { phone: '139 1234 5670' }, channel: 'shop', orderExternalId: 'O1' }),
    );
    const ask = async () =>
      (
        await graph.ask(
          `{ ${CUSTOMER} { tickets { nodes { externalId status channel updatedAt order { externalId } customer { displayName } source { source } } } } }`,
        )
      ).data.customersByIdentity[0].tickets.nodes;
    const seen = {
      externalId: 'T1',
      status: 'OPEN',
      channel: 'shop',
      updatedAt: '2026-11-21T08:00:00.000Z',
      source: { source: 'desk' },
    };
    expect(await ask()).toEqual([{ ...seen, order: null, customer: { displayName: null } }]);
    await takeOrder();
    expect(await ask()).toEqual([
      { ...seen, order: { externalId: 'O1' }, customer: { displayName: '张伟' } },
    ]);
  });

  test('without a requester belong to who ordered', async () => {
    await takeOrder();
    await takeTickets(ticket('T1', { channel: 'shop', orderExternalId: 'O1' }));
    const { data } = await graph.ask(
      `{ ${CUSTOMER} { tickets { nodes { externalId customer { displayName } } } } }`,
    );
    expect(data.customersByIdentity[0].tickets.nodes).toEqual([
      { externalId: 'T1', customer: { displayName: '张伟' } },
    ]);
  });

  test('may be asked for open ones only, newest first and page by page', async () => {
    const requester = { phone: '13912345670' };
    await takeTickets(
      ticket('T1', { requester, openedAt: '2026-11-01T08:00:00Z' }),
      ticket('T2', { requester, status: 'SOLVED', openedAt: '2026-11-02T08:00:00Z' }),
      ticket('T3', { requester, status: 'PENDING', openedAt: '2026-11-03T08:00:00Z' }),
    );
    const ask = async (args: string) =>
      (
        await graph.ask(
          `{ ${CUSTOMER} { tickets${args} { nodes { externalId } pageInfo { endCursor hasNextPage } } } }`,
        )
      ).data.customersByIdentity[0].tickets;
    expect((await ask('')).nodes.map((node: { externalId: string }) => node.externalId)).toEqual([
      'T3',
      'T2',
      'T1',
    ]);
    const first = await ask('(openOnly: true, first: 1)');
    expect(first.nodes).toEqual([{ externalId: 'T3' }]);
    expect(await ask(`(openOnly: true, first: 1, after: "${first.pageInfo.endCursor}")`)).toMatchObject({
      nodes: [{ externalId: 'T1' }],
      pageInfo: { hasNextPage: false },
    });
  });

  test('are taken once, never from an older report; a bad one is rejected', async () => {
    const newer = ticket('T1', { status: 'SOLVED', updatedAt: '2026-11-22T00:00:00Z' });
    await takeTickets(newer, ticket('T1', { updatedAt: '2026-11-21T00:00:00Z' }));
    expect(
      await takeTickets(newer, ticket('T2', { openedAt: 'soon' }), ticket('T3', { status: 'LOST' as never })),
    ).toMatchObject({ accepted: 1, rejected: [{ index: 1 }, { index: 2 }] });
    expect(await graph.rows(`select external_id, status from ticket`)).toEqual([
      { external_id: 'T1', status: 'SOLVED' },
    ]);
  });
});

describe('returns', () => {
  test('hang on their order and its customer, also when the order comes later', async () => {
    await takeReturns(returned('R1', { reason: 'too small' }));
    await takeOrder();
    const { data } = await graph.ask(`{ ${CUSTOMER} {
      returns { nodes { externalId status requestedAt reason order { externalId } lines { orderLineExternalId quantity } source { source } } }
      orders { nodes { returns { externalId } tickets { externalId } } } } }`);
    const [customer] = data.customersByIdentity;
    expect(customer.returns.nodes).toEqual([
      {
        externalId: 'R1',
        status: 'REQUESTED',
        requestedAt: '2026-11-21T09:00:00.000Z',
        reason: 'too small',
        order: { externalId: 'O1' },
        lines: [{ orderLineExternalId: '1', quantity: 1 }],
        source: { source: 'desk' },
      },
    ]);
    expect(customer.orders.nodes).toEqual([{ returns: [{ externalId: 'R1' }], tickets: [] }]);
  });

  test('never go back, and keep their lines when a report is old', async () => {
    const many = [
      { orderLineExternalId: '1', quantity: 1 },
      { orderLineExternalId: '2', quantity: 2 },
    ];
    await takeReturns(returned('R1', { lines: many }));
    await takeReturns(returned('R1', { status: 'RECEIVED', lines: many.slice(1) }));
    await takeReturns(returned('R1', { status: 'APPROVED', lines: many }));
    expect(
      await graph.rows(
        `select status, order_line_external_id as line, quantity from order_return join order_return_line on return_id = id`,
      ),
    ).toEqual([{ status: 'RECEIVED', line: '2', quantity: 2 }]);
  });
});
