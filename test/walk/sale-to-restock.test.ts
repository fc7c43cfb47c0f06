import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { httpClient } from '../support/client.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { ownFolder } from '../support/own-folder.ts';
import { until } from '../support/until.ts';

/** One order from its sale in a channel to its return to the shelf, through what partners use: files and the API. */
let hub: RunningHub;
const { folder, remove } = ownFolder();

beforeAll(async () => {
  mkdirSync(path.join(folder, 'import'));
  write('skus.csv', '商品编码,商品名称,重量,长,宽,高,温层', 'HOODIE,卫衣,650g,32cm,26cm,6cm,常温');
  write(
    'nodes.csv',
    NODES_HEADER,
    'WH-HGH,杭州仓,自营仓,浙江,杭州,30.42,120.29,900单,常温,否,否,16:00,,2.00元',
  );
  write('stock-levels.csv', '商品编码,仓库编码,在库数量,盘点时间', 'HOODIE,WH-HGH,10,2026/11/20 08:00:00');
  write(
    'carrier-services.jsonl',
    JSON.stringify({
      code: 'VAN',
      type: 'standard',
      zones: [
        {
          match: 'ANY',
          baseMinor: 800,
          baseGrams: 1000,
          perStepMinor: 100,
          transitDaysP50: 1,
          transitDaysP90: 2,
        },
      ],
      step_grams: 1000,
      volumetric_divisor: 6000,
      rounding_grams: 100,
      temperature: ['AMBIENT'],
      currency: 'CNY',
    }),
  );
  hub = await startHub({ dataDir: folder });
  await until(async () => (await promised()).quantity === 10);
});
afterAll(async () => {
  await hub?.stop();
  remove();
});

const NODES_HEADER =
  '节点编码,节点名称,类型,省份,城市,纬度,经度,日处理单量,温层,自提,大件,截单时间,备用仓,操作费';
const ORDERS_HEADER =
  '主订单编号,子订单编号,选购商品,商家编码,商品数量,商品单价,订单应付金额,收件人,收件人手机号,抖音ID,省,市,区,详细地址,支付方式,订单提交时间,订单状态';
const ORDER = '6920188888000000099';

/** An export is replaced whole, as people do. */
function write(file: string, ...rows: string[]): void {
  writeFileSync(path.join(folder, 'import', file), `${rows.join('\n')}\n`);
}
/** The channel's export says that the order of three hoodies is in this state. */
const channelSays = (state: string) =>
  write(
    'orders-douyin.csv',
    ORDERS_HEADER,
    `${ORDER},${ORDER}-1,卫衣,HOODIE,3,299.00,897.00,林*雨,13912345678,dy_1,浙江,杭州,西湖区,文三路1号,在线支付,2026/11/22 10:00:00,${state}`,
  );

const ask = <T>(query: string) => httpClient(hub).request<T>(query);

interface Promised {
  quantity: number;
  terms: Record<string, number>;
}
async function promised(): Promise<Promised> {
  const { skus } = await ask<{
    skus: {
      nodes: { availableToPromise: { quantity: number; terms: { kind: string; quantity: number }[] } }[];
    };
  }>('{ skus { nodes { availableToPromise { quantity terms { kind quantity } } } } }');
  const atp = skus.nodes[0]?.availableToPromise;
  return {
    quantity: atp?.quantity ?? 0,
    terms: Object.fromEntries(
      (atp?.terms ?? []).filter((term) => term.quantity !== 0).map((term) => [term.kind, term.quantity]),
    ),
  };
}

interface Order {
  id: string;
  state: string;
  reservations: { id: string; state: string }[];
  lines: {
    id: string;
    shippedQuantity: number;
    cancelledQuantity: number;
    refundedQuantity: number;
    restockedQuantity: number;
  }[];
  routingDecisions: {
    id: string;
    reasons: string[];
    shipments: { id: string; state: string; node: { code: string } }[];
  }[];
}
async function order(): Promise<Order | null> {
  const { orderByExternalId } = await ask<{ orderByExternalId: Order | null }>(
    `{ orderByExternalId(channel: "douyin", externalId: "${ORDER}") { id state reservations { id state }
       lines { id shippedQuantity cancelledQuantity refundedQuantity restockedQuantity }
       routingDecisions { id reasons shipments { id state node { code } } } } }`,
  );
  return orderByExternalId;
}
const inState = (state: string) => until(async () => (await order())?.state === state);

/** After every step the ledger explains every counter. */
async function expectStock(quantity: number, terms: Record<string, number>): Promise<void> {
  expect(await promised()).toEqual({ quantity, terms });
  expect(await ask('{ stockAudit { consistent differences { place counter } } }')).toEqual({
    stockAudit: { consistent: true, differences: [] },
  });
}

test('sale, hold, payment, routing, shipment, return, refund, restock', async () => {
  await expectStock(10, { ON_HAND: 10 });

  channelSays('待支付');
  await inState('PLACED');
  expect((await order())!.reservations).toMatchObject([{ state: 'HELD' }]);
  await expectStock(7, { ON_HAND: 10, HELD: -3 });

  channelSays('待发货');
  await inState('ROUTED');
  const routed = (await order())!;
  expect(routed.reservations).toMatchObject([{ state: 'ALLOCATED' }]);
  expect(routed.routingDecisions).toMatchObject([
    { reasons: [], shipments: [{ state: 'PLANNED', node: { code: 'WH-HGH' } }] },
  ]);
  await expectStock(7, { ON_HAND: 10, ALLOCATED: -3 });
  expect(
    await ask(`{ replayRoutingDecision(id: "${routed.routingDecisions[0]!.id}") { identical difference } }`),
  ).toEqual({ replayRoutingDecision: { identical: true, difference: null } });

  const shipment = routed.routingDecisions[0]!.shipments[0]!.id;
  const answer = (key: string, more: string) =>
    ask(`mutation { recordFulfilment(input: { idempotencyKey: "${key}", shipmentId: "${shipment}", ${more} }) {
      __typename ... on PlannedShipment { state trackingNumber } ... on ShipmentNotOpen { reason } } }`);
  await answer('ack', 'answer: ACKNOWLEDGED');
  await inState('ACKNOWLEDGED');
  expect(await answer('ship', 'answer: SHIPPED, trackingNumber: "SF1"')).toEqual({
    recordFulfilment: { __typename: 'PlannedShipment', state: 'SHIPPED', trackingNumber: 'SF1' },
  });
  expect((await order())!.state).toBe('SHIPPED');
  expect(await answer('again', 'answer: SHIPPED')).toMatchObject({
    recordFulfilment: { __typename: 'ShipmentNotOpen' },
  });
  await expectStock(7, { ON_HAND: 7 });

  const line = routed.lines[0]!.id;
  const comeBack = (key: string, quantity: number, condition: string) =>
    ask(`mutation { restock(input: { idempotencyKey: "${key}", node: "WH-HGH", reason: CUSTOMER_RETURN, externalEventId: "${key}",
      lines: [{ sku: "HOODIE", quantity: ${quantity}, condition: ${condition}, orderLine: "${line}" }] }) {
      __typename ... on RestockRefused { restockable } } }`);
  await comeBack('good', 1, 'SELLABLE');
  await comeBack('torn', 1, 'DAMAGED');
  await expectStock(8, { ON_HAND: 8 });

  const refund = (key: string, quantity: number, refundId: string) =>
    ask(`mutation { recordRefund(input: { idempotencyKey: "${key}", channel: "douyin", orderExternalId: "${ORDER}",
      refundExternalId: "${refundId}", settledAt: "2026-11-25T00:00:00Z",
      lines: [{ orderLineExternalId: "${ORDER}-1", quantity: ${quantity} }] }) {
      __typename ... on Restock { movements { counter } } ... on RestockRefused { restockable } } }`);
  expect(await refund('r1', 2, 'R1')).toEqual({ recordRefund: { __typename: 'Restock', movements: [] } });
  expect(await refund('r1-again', 2, 'R1')).toEqual({
    recordRefund: { __typename: 'Restock', movements: [] },
  });
  await expectStock(8, { ON_HAND: 8 });
  expect(await refund('r2', 2, 'R2')).toEqual({
    recordRefund: { __typename: 'RestockRefused', restockable: 1 },
  });
  expect(await comeBack('too-many', 2, 'SELLABLE')).toEqual({
    restock: { __typename: 'RestockRefused', restockable: 1 },
  });
  expect((await order())!.lines).toEqual([
    { id: line, shippedQuantity: 3, cancelledQuantity: 0, refundedQuantity: 2, restockedQuantity: 1 },
  ]);
  await expectStock(8, { ON_HAND: 8 });
}, 60_000);
