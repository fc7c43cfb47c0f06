import { z } from 'zod';
import {
  changedFrom,
  checked,
  readChanged,
  recentFrom,
  recentParents,
  refundLimits,
  reread,
  rereadFrom,
  shippedStream,
  signedHints,
  type CheckResult,
  type Connector,
  type Cursor,
  type Page,
  type RawRecord,
  type Source,
  type SourceStream,
  type Webhook,
} from '../spi/index.ts';
import { VendureClient } from './client.ts';
import { vendureConfig } from './config.ts';
import { changedCustomers, customerRecord, customersByIds } from './customers.ts';
import customersMapping from './mappings/customers.json' with { type: 'json' };
import ordersMapping from './mappings/orders.json' with { type: 'json' };
import refundsMapping from './mappings/refunds.json' with { type: 'json' };
import { CLOCK, RIGHTS } from './documents.ts';
import { fulfilmentSink } from './fulfilments.ts';
import { orderLimits, orderRecord, ordersBy, ordersByIds, rereadableOrders, type Shop } from './orders.ts';
import { orderOfRefund, refundRecords } from './refunds.ts';
import { stockSink } from './stock.ts';

/**
 * In the order in which they are read: a refund needs its order. Amounts of Vendure are hundredths in every currency;
 * `hub` in the mappings is what this connector adds to a row. A refund says nothing of goods that come back.
 */
const MAPPINGS = { customers: customersMapping, orders: ordersMapping, refunds: refundsMapping };
const STREAMS = ['customers', 'orders', 'refunds'] as const;
/** Ids that are asked for in one call. */
const IDS_AT_ONCE = 100;

/** Vendure 3: orders, customers, refunds, stock and parcels through the Admin API. */
export const vendureConnector: Connector = {
  spec: { id: 'vendure', kind: 'COMMERCE', title: 'Vendure', configSchema: vendureConfig.jsonSchema },
  open(given): Source {
    const config = vendureConfig.parse(given);
    return new VendureSource({ client: new VendureClient(config), config });
  },
};

class VendureSource implements Source {
  readonly stock;
  readonly fulfilments;
  readonly webhook?: Webhook;

  constructor(private readonly shop: Shop) {
    const { config } = shop;
    this.stock = stockSink(shop);
    this.fulfilments = fulfilmentSink(shop);
    if (config.webhookSecret !== undefined)
      this.webhook = {
        receive: signedHints(config.webhookSecret),
        readBack: (stream, ids, signal) => this.readBack(stream, ids, signal),
      };
  }

  check(signal: AbortSignal): Promise<CheckResult> {
    const good = 'The shop answers, and the key may read orders, customers and stock.';
    return checked(() => this.shop.client.ask(RIGHTS, {}, z.unknown(), signal), good, signal);
  }

  async discover(): Promise<SourceStream[]> {
    return STREAMS.map((name) => shippedStream('vendure', name, MAPPINGS[name]));
  }

  async *read(stream: SourceStream, cursor: Cursor | null, signal: AbortSignal): AsyncGenerator<Page> {
    const pages = { customers: this.customers, orders: this.orders, refunds: this.refunds }[nameOf(stream)];
    for await (const { records, cursor: next } of pages.call(this, cursor, signal))
      yield { records, rejects: [], cursor: next };
  }

  cursorFrom(stream: SourceStream, since: Date): Cursor {
    const name = nameOf(stream);
    if (name === 'orders') return rereadFrom(since, orderLimits(this.shop.config));
    return name === 'refunds' ? recentFrom(since) : changedFrom(since);
  }

  private async *customers(stored: Cursor | null, signal: AbortSignal): AsyncGenerator<Records> {
    const { channel, overlapSeconds } = this.shop.config;
    const changed = changedCustomers(this.shop.client, this.shop.config);
    for await (const { rows, cursor } of readChanged(changed, overlapSeconds * 1_000, stored, signal))
      yield { records: rows.map((row) => customerRecord(row, channel)), cursor };
  }

  private async *orders(stored: Cursor | null, signal: AbortSignal): AsyncGenerator<Records> {
    const orders = rereadableOrders(this.shop);
    for await (const { rows, cursor } of reread(orders, orderLimits(this.shop.config), stored, signal))
      yield { records: rows.map((row) => orderRecord(row, this.shop.config.channel)), cursor };
  }

  private async *refunds(stored: Cursor | null, signal: AbortSignal): AsyncGenerator<Records> {
    const { client, config } = this.shop;
    const orders = ordersBy(this.shop, 'orderPlacedAt');
    const clock = async (ending: AbortSignal) => (await client.ask(CLOCK, {}, z.unknown(), ending)).at;
    for await (const page of recentParents(orders, refundLimits(config), stored, clock, signal)) {
      const records = page.parents.flatMap((order) => refundRecords(order, config.channel));
      yield {
        records: records.filter(({ data }) => String(data['updatedAt']) >= page.since),
        cursor: page.cursor,
      };
    }
  }

  private async readBack(
    stream: SourceStream,
    recordIds: readonly string[],
    signal: AbortSignal,
  ): Promise<RawRecord[]> {
    const name = nameOf(stream);
    const { client } = this.shop;
    const { channel } = this.shop.config;
    const ids = name === 'refunds' ? [...new Set(recordIds.map(orderOfRefund))] : recordIds;
    const found: RawRecord[] = [];
    for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
      const some = ids.slice(from, from + IDS_AT_ONCE);
      if (name === 'customers') {
        const { rows } = await customersByIds(client, some, signal);
        found.push(...rows.map((row) => customerRecord(row, channel)));
        continue;
      }
      const { rows } = await ordersByIds(client, some, signal);
      if (name === 'orders') found.push(...rows.map((row) => orderRecord(row, channel)));
      else found.push(...rows.flatMap((row) => refundRecords(row, channel)));
    }
    return found;
  }
}

type Records = Pick<Page, 'records' | 'cursor'>;

export type StreamName = (typeof STREAMS)[number];

function nameOf({ name }: SourceStream): StreamName {
  return z.enum(STREAMS).parse(name);
}
