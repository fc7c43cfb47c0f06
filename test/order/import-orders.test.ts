import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { importOrders, readLineQuantities, type OrderInput } from '../../src/order/index.ts';
import { importCustomers } from '../../src/customer/index.ts';
import { openTestGraph, type TestGraph } from '../support/customer/test-graph.ts';
import { order } from '../support/order/order-records.ts';

let graph: TestGraph;
beforeAll(async () => {
  graph = await openTestGraph();
});
afterAll(() => graph.close());
beforeEach(() => graph.reset());

const take = (...records: OrderInput[]) => graph.take((em) => importOrders(em, records, { source: 'crm' }));
const stateOf = async (externalId: string) =>
  (
    await graph.rows<{ state: string }>(`select state from sales_order where external_id = ?`, [externalId])
  )[0]?.state;

test('an order shows what its channel reported', async () => {
  await take(
    order('O1', {
      buyer: { name: '张伟', phone: '139 1234 5670', channelUserId: 'u1' },
      totalMinor: 9_007_199_254_740_991,
      promisedBy: '2026-11-25T18:00:00+08:00',
      paymentMethod: 'WeChat Pay',
      lines: [
        { externalId: 'b', sku: 'S2', quantity: 2, unitPriceMinor: 3_900 },
        { externalId: 'a', sku: 'S1', quantity: 1, unitPriceMinor: 19_900 },
      ],
    }),
  );
  const { data } = await graph.ask(`{ orderByExternalId(channel: "shop", externalId: "O1") {
    channel externalId state placedAt promisedBy deliveryMethod paymentMethod total { amountMinor currency }
    customer { displayName identities { kind value channel verified } }
    lines { externalId quantity unitPrice { amountMinor currency } sku { code title } }
    source { source ageSeconds } } }`);
  expect(data.orderByExternalId).toEqual({
    channel: 'shop',
    externalId: 'O1',
    state: 'PAID',
    placedAt: '2026-11-20T08:00:00.000Z',
    promisedBy: '2026-11-25T10:00:00.000Z',
    deliveryMethod: 'DELIVERY',
    paymentMethod: 'WeChat Pay',
    total: { amountMinor: 9_007_199_254_740_991, currency: 'CNY' },
    customer: {
      displayName: '张伟',
      identities: [
        { kind: 'PHONE', value: '+8613912345670', channel: null, verified: false },
        { kind: 'CHANNEL_USER', value: 'u1', channel: 'shop', verified: true },
      ],
    },
    lines: [
      {
        externalId: 'b',
        quantity: 2,
        unitPrice: { amountMinor: 3_900, currency: 'CNY' },
        sku: { code: 'S2', title: 'Mug' },
      },
      {
        externalId: 'a',
        quantity: 1,
        unitPrice: { amountMinor: 19_900, currency: 'CNY' },
        sku: { code: 'S1', title: 'Hoodie' },
      },
    ],
    source: { source: 'crm', ageSeconds: 60 },
  });
});

describe('a report', () => {
  test('that came before changes nothing and keeps the ids', async () => {
    await take(order('O1'));
    const before = await graph.rows(`select * from sales_order join order_line on order_id = sales_order.id`);
    graph.statements();
    expect(await take(order('O1'))).toMatchObject({ accepted: 1, rejected: [] });
    expect(graph.statements().filter((sql) => / (insert into|update|delete from) /.test(sql))).toEqual([]);
    expect(
      await graph.rows(`select * from sales_order join order_line on order_id = sales_order.id`),
    ).toEqual(before);
  });

  test('that is older never overwrites a newer one, within a batch or after it', async () => {
    const newer = order('O1', { state: 'SHIPPED', updatedAt: '2026-11-21T00:00:00Z' });
    const older = order('O1', { state: 'PAID', updatedAt: '2026-11-20T00:00:00Z', totalMinor: 1 });
    expect(await take(newer, older)).toMatchObject({ accepted: 2, rejected: [] });
    await take(older);
    expect(await graph.rows(`select state, total_minor::int as total from sales_order`)).toEqual([
      { state: 'SHIPPED', total: 19_900 },
    ]);
  });

  test('takes the order on, never back', async () => {
    await take(order('O1', { state: 'PLACED' }));
    await take(order('O1', { state: 'DELIVERED' }));
    expect(await stateOf('O1')).toBe('DELIVERED');
    await take(order('O1', { state: 'PAID', paymentMethod: 'cash' }));
    expect(await stateOf('O1')).toBe('DELIVERED');
    const { accepted, rejected } = await take(order('O1', { state: 'CANCELLED' }));
    expect({ accepted, rejected }).toEqual({
      accepted: 0,
      rejected: [{ index: 0, reason: 'Invalid order transition: DELIVERED to CANCELLED.' }],
    });
  });

  test.each<[string, Partial<OrderInput>, RegExp]>([
    [
      'an unknown SKU',
      { lines: [{ externalId: '1', sku: 'S9', quantity: 1, unitPriceMinor: 1 }] },
      /SKU S9 does not exist/,
    ],
    ['no lines', { lines: [] }, /no lines/],
    ['a date without zone', { placedAt: '2026-11-20 08:00:00' }, /placedAt/],
    [
      'a fraction of a unit',
      { lines: [{ externalId: '1', sku: 'S1', quantity: 0.5, unitPriceMinor: 1 }] },
      /quantity/,
    ],
    [
      'two lines of one id',
      { lines: [1, 2].map(() => ({ externalId: '1', sku: 'S1', quantity: 1, unitPriceMinor: 1 })) },
      /same externalId/,
    ],
    ['an unknown state', { state: 'LOST' as never }, /Order state LOST does not exist/],
    ['a NUL', { buyer: { name: 'a\0' } }, /NUL character/],
  ])('with %s is rejected; the batch goes on', async (_, given, reason) => {
    const result = await take(order('O1', given), order('O2'));
    expect(result).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, reason: expect.stringMatching(reason) }],
    });
    expect(await stateOf('O2')).toBe('PAID');
  });

  test('with other lines replaces them; a line that stays keeps its id', async () => {
    const line = (externalId: string, quantity: number) => ({
      externalId,
      sku: 'S1',
      quantity,
      unitPriceMinor: 100,
    });
    await take(order('O1', { lines: [line('a', 1), line('b', 1)] }));
    const [a] = await graph.rows<{ id: string }>(`select id from order_line where external_id = 'a'`);
    await take(order('O1', { lines: [line('a', 5), line('c', 1)] }));
    const rows = await graph.rows<{ id: string }>(
      `select id, external_id, quantity from order_line order by line_no`,
    );
    expect(rows).toMatchObject([{ id: a!.id, external_id: 'a', quantity: 5 }, { external_id: 'c' }]);
  });
});

describe('a buyer', () => {
  test('is the customer whom the CRM knows by that phone, whichever came first', async () => {
    const crm = {
      externalId: 'C1',
      name: '张伟',
      phones: ['+86 139 1234 5670'],
      emails: [],
      channelUsers: [],
    };
    await take(order('O1', { buyer: { name: '张**', phone: '13912345670' } }));
    await graph.take((em) => importCustomers(em, [crm], { source: 'crm' }));
    await take(order('O2', { buyer: { phone: '008613912345670' } }));
    const { data } = await graph.ask(`{ orders { nodes { customer { displayName } } } }`);
    expect(data.orders.nodes).toEqual([
      { customer: { displayName: '张伟' } },
      { customer: { displayName: '张伟' } },
    ]);
  });

  test('without identity is nobody; a thousand orders of one are one profile', async () => {
    await take(order('O0', { buyer: { name: '张伟', phone: '13000000000' } }));
    await take(
      ...Array.from({ length: 50 }, (_, n) =>
        order(`O${n + 1}`, { buyer: { name: '张伟', phone: '13912345670' } }),
      ),
    );
    expect(await graph.rows(`select 1 as one from customer_profile`)).toHaveLength(1);
    expect(
      (await graph.ask(`{ orderByExternalId(channel: "shop", externalId: "O0") { customer { id } } }`)).data
        .orderByExternalId.customer,
    ).toBeNull();
  });

  test('who is corrected leaves nothing behind', async () => {
    await take(order('O1', { buyer: { name: 'Wrong', phone: '13912345670' } }));
    await take(order('O1', { buyer: { name: 'Right', phone: '13912345671' } }));
    expect(await graph.rows(`select name from customer_profile`)).toEqual([{ name: 'Right' }]);
    expect(await graph.rows(`select value from customer_identity`)).toEqual([{ value: '+8613912345671' }]);
    expect(await graph.rows(`select display_name as name from customer order by id`)).toEqual([
      { name: null },
      { name: 'Right' },
    ]);
    await take(order('O1', { buyer: {} }));
    expect(await graph.rows(`select name from customer_profile`)).toEqual([]);
  });
});

test('orders are listed newest first, by state and channel, page by page', async () => {
  const at = (n: number) => `2026-11-${10 + Math.floor(n / 2)}T08:00:00.123Z`;
  await take(
    ...Array.from({ length: 7 }, (_, n) =>
      order(`O${n}`, { placedAt: at(n), state: n % 2 ? 'PAID' : 'SHIPPED' }),
    ),
    order('J1', { channel: 'jd' }),
  );
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { data } = await graph.ask(
      `query ($after: String) { orders(channel: "shop", first: 2, after: $after) { nodes { externalId } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    seen.push(...data.orders.nodes.map((node: { externalId: string }) => node.externalId));
    after = data.orders.pageInfo.hasNextPage ? data.orders.pageInfo.endCursor : null;
  } while (after);
  expect(seen).toEqual(['O6', 'O5', 'O4', 'O3', 'O2', 'O1', 'O0']);
  const paid = await graph.ask(`{ orders(states: [PAID], first: 100) { nodes { externalId } } }`);
  expect(paid.data.orders.nodes).toHaveLength(4);
});

test.each([
  ['first: 0', 'PAGE_SIZE_OUT_OF_RANGE'],
  ['first: 101', 'PAGE_SIZE_OUT_OF_RANGE'],
  ['after: "x"', 'INVALID_CURSOR'],
  [`after: "${Buffer.from('["now","x"]').toString('base64url')}"`, 'INVALID_CURSOR'],
])('orders(%s) is refused with %s', async (argument, code) => {
  expect((await graph.ask(`{ orders(${argument}) { nodes { id } } }`)).codes).toEqual([code]);
});

test('what has shipped is told line by line; unknown lines are left out', async () => {
  await take(
    order('O1', { state: 'PAID' }),
    order('O2', {
      state: 'DELIVERED',
      lines: [{ externalId: '1', sku: 'S2', quantity: 3, unitPriceMinor: 1 }],
    }),
  );
  const ids = (await graph.rows<{ id: string }>(`select id from order_line order by sku`)).map(
    ({ id }) => id,
  );
  const shipped = await graph.take((em) =>
    readLineQuantities(em, [...ids, 'x', '01890000-0000-7000-8000-000000000000']),
  );
  expect([...shipped]).toEqual([
    [
      ids[0],
      {
        channel: 'shop',
        orderExternalId: 'O1',
        sku: 'S1',
        ordered: 1,
        shipped: 0,
        cancelled: 0,
        refunded: 0,
        restocked: 0,
      },
    ],
    [
      ids[1],
      {
        channel: 'shop',
        orderExternalId: 'O2',
        sku: 'S2',
        ordered: 3,
        shipped: 3,
        cancelled: 0,
        refunded: 0,
        restocked: 0,
      },
    ],
  ]);
});

test('1,200 orders of 400 buyers are taken in within two seconds', async () => {
  const records = Array.from({ length: 1_200 }, (_, n) =>
    order(`O${n}`, {
      buyer: {
        name: `Buyer ${n % 400}`,
        phone: `139${String(20_461_357 + (n % 400) * 7)}`,
        channelUserId: `u${n % 400}`,
      },
      lines: [1, 2, 3].map((line) => ({
        externalId: `${line}`,
        sku: `S${line}`,
        quantity: 1,
        unitPriceMinor: 100,
      })),
    }),
  );
  const started = performance.now();
  for (let at = 0; at < records.length; at += 300) await take(...records.slice(at, at + 300));
  const tookMs = performance.now() - started;
  expect(await graph.rows(`select 1 as one from customer`)).toHaveLength(400);
  expect(tookMs).toBeLessThan(2_000);
});
