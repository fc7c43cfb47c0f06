import { mkdir } from 'node:fs/promises';
import { returnLine, ticketLine } from './after-sales.ts';
import { SAMPLE_SKUS } from './catalog.ts';
import { SAMPLE_CARRIERS, writeCarriers } from './carriers.ts';
import { writeCustomers } from './customers.ts';
import type { BrokenRow, SampleShopManifest } from './manifest.ts';
import { writeInbound, writeNodes, writeSkus, writeStockLevels } from './master-data.ts';
import { ORDER_SHEETS, type OrderSheet } from './order-sheets.ts';
import { type SampleChannel, type SampleOrder, sampleOrder } from './orders.ts';
import { SAMPLE_CALLER_NAME, SAMPLE_CALLER_PHONE, samplePeople } from './people.ts';
import { type Random, seededRandom } from './prng.ts';
import { type Cell, csvSink, linesSink, type Sink, xlsxSink } from './sinks.ts';

/** How much of what. Orders are streamed: 100,000 need no more memory than 1,000. */
export interface SampleShopSize {
  customers: number;
  orders: number;
  tickets: number;
  returns: number;
}

const DEFAULT_SAMPLE_SIZE: SampleShopSize = {
  customers: 300,
  orders: 1200,
  tickets: 150,
  returns: 80,
};

export interface SampleShopOptions {
  /** Made if it does not exist. */
  folder: string;
  /** "Now" of the shop: orders lie in the 60 days before, purchases in the weeks after. */
  anchor: Date;
  /** Same seed and anchor, same bytes. */
  seed?: number;
  size?: Partial<SampleShopSize>;
}

/** Writes the exports of an invented merchant, dirt included, and tells what must come out of them. */
export async function generateSampleShop(options: SampleShopOptions): Promise<SampleShopManifest> {
  const { folder, anchor, seed = 1 } = options;
  const size = { ...DEFAULT_SAMPLE_SIZE, ...options.size };
  await mkdir(folder, { recursive: true });
  const broken: BrokenRow[] = [];
  const target = { folder, anchorMs: anchor.getTime(), random: seededRandom(seed), broken };
  const people = samplePeople(size.customers, target.random);
  const skus = await writeSkus(target);
  const nodes = await writeNodes(target);
  const carrierServices = await writeCarriers(target);
  const stockLevels = await writeStockLevels(target);
  const inbound = await writeInbound(target);
  const customers = await writeCustomers(target, people);
  const sales = await writeSales(target, people, size);
  return {
    files: [
      ...MASTER_FILES,
      ...Object.values(ORDER_SHEETS).map(({ file }) => file),
      'tickets.jsonl',
      'returns.jsonl',
    ],
    expected: {
      skus,
      nodes,
      carrierServices,
      stockLevels,
      inbound,
      customers,
      ...sales.counts,
      brokenRows: broken,
    },
    caller: { phone: SAMPLE_CALLER_PHONE, name: SAMPLE_CALLER_NAME, orders: sales.callerOrders },
  };
}

const MASTER_FILES = [
  'skus.csv',
  'nodes.csv',
  SAMPLE_CARRIERS,
  'stock-levels.csv',
  'inbound-purchase-orders.csv',
  'crm-customers.csv',
];

interface Target {
  folder: string;
  anchorMs: number;
  random: Random;
  broken: BrokenRow[];
}

interface SalesSinks {
  orders: Record<SampleChannel, Sink>;
  tickets: Sink;
  returns: Sink;
}

/** Orders with what follows from them, one order at a time into all files at once. */
async function writeSales(target: Target, people: ReturnType<typeof samplePeople>, size: SampleShopSize) {
  const sinks = openSinks(target);
  const counts = { orders: 0, orderLines: 0, tickets: 0, returns: 0 };
  const callerOrders: { channel: string; externalId: string }[] = [];
  for (let index = 0; index < size.orders; index += 1) {
    const order = sampleOrder(
      index,
      { orders: size.orders, people, anchorMs: target.anchorMs },
      target.random,
    );
    await writeOrder(sinks.orders[order.channel], ORDER_SHEETS[order.channel], order, target.random);
    counts.orders += 1;
    counts.orderLines += order.lines.length;
    if (order.person.index === 0) callerOrders.push({ channel: order.channel, externalId: order.externalId });
    if (isNth(index, size.tickets, size.orders)) {
      await sinks.tickets.write([ticketLine(counts.tickets++, order, target.anchorMs, target.random)]);
    }
    // The caller's return is on the oldest of the five orders every shop begins with.
    if (
      index === 4 ||
      (index > 4 && counts.returns < size.returns && isNth(index, size.returns, size.orders))
    ) {
      await sinks.returns.write([returnLine(counts.returns++, order, target.anchorMs, target.random)]);
    }
  }
  await writeBrokenSales(sinks, target, people, size);
  for (const sink of [...Object.values(sinks.orders), sinks.tickets, sinks.returns]) await sink.close();
  return { counts, callerOrders };
}

function openSinks({ folder, anchorMs, broken }: Target): SalesSinks {
  const { douyin, jd, tmall, store } = ORDER_SHEETS;
  const anchor = new Date(anchorMs);
  return {
    orders: {
      douyin: csvSink(folder, douyin.file, douyin.header, 'utf8-bom', broken),
      jd: xlsxSink(folder, jd.file, jd.header, anchor, broken),
      tmall: csvSink(folder, tmall.file, tmall.header, 'utf8', broken),
      store: xlsxSink(folder, store.file, store.header, anchor, broken),
    },
    tickets: linesSink(folder, 'tickets.jsonl', broken),
    returns: linesSink(folder, 'returns.jsonl', broken),
  };
}

/** Spreads `wanted` picks evenly over `total`; the first index is always picked. */
function isNth(index: number, wanted: number, total: number): boolean {
  return Math.floor((index * wanted) / total) !== Math.floor(((index - 1) * wanted) / total);
}

async function writeOrder(sink: Sink, sheet: OrderSheet, order: SampleOrder, random: Random): Promise<void> {
  const rows = sheet.rows(order, random);
  for (const row of rows) await sink.write(row);
  // Every hundredth export row comes twice.
  if (random.chance(0.01)) await sink.write(rows[0]!);
}

/** Orders of their own for the broken rows, so that breaking them takes no good order away. */
async function writeBrokenSales(
  sinks: SalesSinks,
  { anchorMs, random }: Target,
  people: ReturnType<typeof samplePeople>,
  size: SampleShopSize,
): Promise<void> {
  let index = size.orders;
  for (const [channel, sheet] of Object.entries(ORDER_SHEETS) as [SampleChannel, OrderSheet][]) {
    const sink = sinks.orders[channel];
    for (const { why, breakRow } of BREAKS) {
      const order = sampleOrder(index, { orders: size.orders, people, anchorMs, channel }, random);
      const [row] = sheet.rows(
        { ...order, externalId: `9${order.externalId.slice(1)}`, lines: [order.lines[0]!] },
        random,
      );
      await sink.writeBroken(breakRow(row!, sheet), why);
      index += 1;
    }
    if (!sheet.file.endsWith('.csv')) continue;
    await sink.writeBroken(['9000000000', '9000000000-1'], 'short row');
  }
  const order = sampleOrder(index, { orders: size.orders, people, anchorMs }, random);
  const ticket = ticketLine(900_001, order, anchorMs, random);
  await sinks.tickets.writeBroken([ticket.slice(0, -30)], 'truncated JSON line');
  await sinks.tickets.writeBroken(
    [ticket.replace(/"status":"\w+"/, '"status":"escalated?"')],
    'unknown status word',
  );
  const back = returnLine(900_001, order, anchorMs, random);
  await sinks.returns.writeBroken([back.slice(0, 60)], 'truncated JSON line');
  await sinks.returns.writeBroken([back.replace(/"qty":1/, '"qty":-1')], 'negative quantity');
  await sinks.returns.writeBroken(
    [back.replace(/"status":"[^"]+"/, '"status":"协商中"')],
    'unknown status word',
  );
}

const BREAKS: readonly { why: string; breakRow: (row: Cell[], sheet: OrderSheet) => Cell[] }[] = [
  { why: 'unknown status word', breakRow: (row, { columns }) => row.with(columns.state, '部分拆单中') },
  { why: 'negative quantity', breakRow: (row, { columns }) => row.with(columns.quantity, -1) },
  { why: 'missing SKU', breakRow: (row, { columns }) => row.with(columns.sku, '') },
  { why: 'unparsable date', breakRow: (row, { columns }) => row.with(columns.placedAt, '昨天下午') },
];

/** Codes for tours and tests: the first SKU has healthy stock at every node that counts it. */
export const SAMPLE_FIRST_SKU = SAMPLE_SKUS[0]!.code;
