import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { filesConnector } from '../../connectors/files/index.ts';
import {
  generateSampleShop,
  SAMPLE_CALLER_PHONE,
  SAMPLE_FIRST_SKU,
  type SampleShopManifest,
} from '../../connectors/files/sample-shop/index.ts';
import type { EntityName, RawRecord, RecordByEntity } from '../../connectors/spi/index.ts';
import { compileMapping, mapRecord } from '../../src/sync/mapping/index.ts';
import { readAll } from '../support/connectors/read-all.ts';
import { tempFolder } from '../support/connectors/temp-folder.ts';

const ANCHOR = new Date('2026-11-22T12:00:00Z');
const WRITTEN_FILES = [
  'orders-jd.xlsx',
  'orders-store.xlsx',
  'skus.csv',
  'nodes.csv',
  'carrier-services.jsonl',
  'stock-levels.csv',
  'inbound-purchase-orders.csv',
  'crm-customers.csv',
  'orders-douyin.csv',
  'orders-tmall.csv',
  'tickets.jsonl',
  'returns.jsonl',
];

type Shop = {
  manifest: SampleShopManifest;
  records: { [E in EntityName]: Map<string, RecordByEntity[E]> };
  failures: { origin: string; reason: string }[];
};

describe('the sample shop', () => {
  it('is the same, byte for byte, for the same seed and anchor', async () => {
    const [one, two, other] = [await tempFolder(), await tempFolder(), await tempFolder()];
    const size = { customers: 40, orders: 80, tickets: 10, returns: 5 };
    const manifests = [
      await generateSampleShop({ folder: one, anchor: ANCHOR, seed: 7, size }),
      await generateSampleShop({ folder: two, anchor: ANCHOR, seed: 7, size }),
    ];
    await generateSampleShop({ folder: other, anchor: ANCHOR, seed: 8, size });
    expect(manifests[0]).toEqual(manifests[1]);
    const [bytesOfOne, bytesOfTwo] = [await contents(one), await contents(two)];
    for (const [index, bytes] of bytesOfOne.entries()) expect(bytes.equals(bytesOfTwo[index]!)).toBe(true);
    expect(Buffer.concat(bytesOfOne).equals(Buffer.concat(await contents(other)))).toBe(false);
  });

  it('read and mapped, gives exactly the expected records, and exactly the broken rows fail', async () => {
    const { manifest, records, failures } = await syncShop();
    const { expected } = manifest;
    expect({
      skus: records.sku.size,
      nodes: records.node.size,
      carrierServices: records.carrierService.size,
      stockLevels: records.stockLevel.size,
      inbound: records.inbound.size,
      customers: records.customer.size,
      orders: records.order.size,
      orderLines: [...records.order.values()].reduce((sum, order) => sum + order.lines.length, 0),
      tickets: records.ticket.size,
      returns: records.return.size,
    }).toEqual({ ...expected, brokenRows: undefined });
    expect(expected).toMatchObject({ skus: 60, orders: 1200, tickets: 150, returns: 80 });
    const places = expected.brokenRows.map(
      ({ file, row }) => `${file} ${file.endsWith('.jsonl') ? 'line' : 'row'} ${row}`,
    );
    expect(failures.map(({ origin }) => origin).sort()).toEqual(places.sort());
  });

  it('says of every broken row what is wrong with it', async () => {
    const { manifest, failures } = await syncShop();
    const words: Record<string, RegExp> = {
      'missing SKU code': /^code: is missing$/,
      'unknown temperature': /^temperatureClass: "微冻" is not a known value \(known: 常温, 冷藏, 冷冻\)$/,
      'short row': /^has \d columns, the header has \d+$/,
      'unknown kind': /^kind: "(保税仓|rocket)" is not a known value/,
      'divisor of zero': /^volumetricDivisor: must be >= 1, was 0$/,
      'cut-off is no time': /^cutOff: /,
      'latitude over 90': /^latitude: must be <= 90, was 299.87$/,
      'negative quantity': /^(onHand|quantity|line 1 quantity): must be >= [01], was -\d+$/,
      'missing SKU':
        /^(sku: is missing|line 1 sku: is missing|line 1 externalId: is missing; line 1 sku: is missing)$/,
      'quantity is not a number': /^onHand: cannot read "若干" as a whole number$/,
      'unparsable date': /^\w+: cannot read ".+" as a date$/,
      'missing id': /^externalId: is missing$/,
      'unknown status word': /^(state|status): ".+" is not a known value/,
      'truncated JSON line': /^is not JSON: /,
    };
    const reasonAt = new Map(
      failures.map(({ origin, reason }) => [origin.replace(/ (row|line) /, ':'), reason]),
    );
    for (const { file, row, why } of manifest.expected.brokenRows) {
      expect(`${why} → ${reasonAt.get(`${file}:${row}`)}`).toMatch(
        new RegExp(`^${why} → ${words[why]?.source.slice(1)}`),
      );
    }
  });

  it('has a caller with orders on every channel, an open ticket and a return', async () => {
    const { manifest, records } = await syncShop();
    const callers = [...records.order.values()].filter((order) => isCallers(order.buyer.phone));
    expect(new Set(callers.map((order) => order.channel))).toEqual(
      new Set(['douyin', 'jd', 'tmall', 'store']),
    );
    expect(callers.length).toBe(manifest.caller.orders.length);
    const numbers = new Set(callers.map((order) => order.externalId));
    expect(
      [...records.ticket.values()].some(
        (one) => one.status === 'OPEN' && numbers.has(one.orderExternalId ?? ''),
      ),
    ).toBe(true);
    const back = [...records.return.values()].find((one) => numbers.has(one.orderExternalId));
    const order = callers.find((one) => one.externalId === back?.orderExternalId);
    expect(order?.lines.map((line) => line.externalId)).toContain(back?.lines[0]?.orderLineExternalId);
    const entries = [...records.customer.values()].filter((one) => one.phones.some(isCallers));
    expect(entries.length).toBeGreaterThanOrEqual(2);
  });

  it('refers only to what it has: SKUs, nodes, orders, order lines', async () => {
    const { records } = await syncShop();
    for (const level of records.stockLevel.values()) {
      expect(records.sku.has(level.sku) && records.node.has(level.node)).toBe(true);
    }
    const lines = new Set(
      [...records.order.values()].flatMap((order) => order.lines.map((line) => line.externalId)),
    );
    for (const back of records.return.values()) expect(lines).toContain(back.lines[0]?.orderLineExternalId);
    for (const order of records.order.values()) expect(records.sku.has(order.lines[0]!.sku)).toBe(true);
    const first = [...records.stockLevel.values()].filter((level) => level.sku === SAMPLE_FIRST_SKU);
    expect(first.reduce((sum, level) => sum + level.onHand, 0)).toBeGreaterThan(1000);
  });

  it('keeps Chinese text, long order numbers, money and Beijing times as they were meant', async () => {
    const { records } = await syncShop();
    const customer = records.customer.get('C000001');
    expect(customer).toMatchObject({
      name: '林晓雨',
      channelUsers: [{ channel: 'douyin' }, { channel: 'jd' }, { channel: 'tmall' }],
    });
    const order = records.order.get('douyin/6920188888000000011');
    expect(order).toMatchObject({
      channel: 'douyin',
      state: 'PAID',
      placedAt: '2026-11-21T16:00:00.000Z',
      currency: 'CNY',
    });
    const sum = order?.lines.reduce((total, line) => total + line.unitPriceMinor * line.quantity, 0);
    expect(order?.totalMinor).toBe(sum);
    const jd = [...records.order.values()].find((one) => one.channel === 'jd');
    expect(jd?.externalId).toMatch(/^\d{12}$/);
    expect(Object.keys(jd?.shipTo ?? {})).toEqual(['province', 'city', 'district', 'street']);
  });
});

const isCallers = (phone: string | undefined) =>
  (phone ?? '').normalize('NFKC').replaceAll(/\D/g, '').endsWith(SAMPLE_CALLER_PHONE);

let synced: Promise<Shop> | undefined;

/** The default shop, generated, read and mapped once for all tests. */
function syncShop(): Promise<Shop> {
  synced ??= (async () => {
    const folder = await tempFolder();
    const manifest = await generateSampleShop({ folder, anchor: ANCHOR });
    const shop: Shop = { manifest, records: emptyRecords(), failures: [] };
    for (const stream of await filesConnector
      .open({ folder, settleMs: 0 })
      .discover(new AbortController().signal)) {
      const mapping = compileMapping(stream.mapping, stream.mappingOrigin);
      const { records, rejects } = await readAll(stream);
      shop.failures.push(...rejects);
      for (const raw of records) await take(shop, raw, await mapRecord(mapping, raw));
    }
    return shop;
  })();
  return synced;
}

function take(shop: Shop, raw: RawRecord, result: Awaited<ReturnType<typeof mapRecord>>): void {
  if (!result.ok) {
    shop.failures.push(result);
    return;
  }
  const key = result.entity === 'order' ? `${result.record.channel}/${raw.id}` : keyOf(result.record, raw);
  (shop.records[result.entity] as Map<string, unknown>).set(key, result.record);
}

const keyOf = (record: object, raw: RawRecord) => ('code' in record ? String(record.code) : raw.id);

function emptyRecords(): Shop['records'] {
  const entities: EntityName[] = [
    'sku',
    'node',
    'carrierService',
    'stockLevel',
    'inbound',
    'customer',
    'order',
    'ticket',
    'return',
  ];
  return Object.fromEntries(entities.map((entity) => [entity, new Map()])) as unknown as Shop['records'];
}

function contents(folder: string): Promise<Buffer[]> {
  return Promise.all(WRITTEN_FILES.map((file) => readFile(path.join(folder, file))));
}
