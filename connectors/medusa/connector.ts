import { z } from 'zod';
import {
  checked,
  shippedStream,
  signedHints,
  type CheckResult,
  type Connector,
  type Cursor,
  type Page,
  type Source,
  type SourceStream,
  type Webhook,
} from '../spi/index.ts';
import { claims } from './claims.ts';
import { MedusaClient } from './client.ts';
import { medusaConfig } from './config.ts';
import { customers } from './customers.ts';
import { fulfilmentSink } from './fulfilments.ts';
import type { Shop } from './lists.ts';
import claimsMapping from './mappings/claims.json' with { type: 'json' };
import customersMapping from './mappings/customers.json' with { type: 'json' };
import ordersMapping from './mappings/orders.json' with { type: 'json' };
import refundsMapping from './mappings/refunds.json' with { type: 'json' };
import returnsMapping from './mappings/returns.json' with { type: 'json' };
import { orders } from './orders.ts';
import { refunds } from './refunds.ts';
import { returns } from './returns.ts';
import { stockSink } from './stock.ts';
import type { MedusaStream } from './stream-of-list.ts';

/**
 * In the order in which they are read: the others need their orders. Amounts of Medusa are in units of the currency;
 * `hub` in the mappings is what this connector adds to a row.
 */
const STREAMS = ['customers', 'orders', 'returns', 'claims', 'refunds'] as const;
const readers: Record<(typeof STREAMS)[number], MedusaStream> = {
  customers,
  orders,
  returns,
  claims,
  refunds,
};
const mappings: Record<(typeof STREAMS)[number], unknown> = {
  customers: customersMapping,
  orders: ordersMapping,
  returns: returnsMapping,
  claims: claimsMapping,
  refunds: refundsMapping,
};

/** Medusa 2: orders, customers, after-sales, stock and parcels through the Admin API. */
export const medusaConnector: Connector = {
  spec: { id: 'medusa', kind: 'COMMERCE', title: 'Medusa', configSchema: medusaConfig.jsonSchema },
  open(given): Source {
    const config = medusaConfig.parse(given);
    return new MedusaSource({ client: new MedusaClient(config), config });
  },
};

class MedusaSource implements Source {
  readonly stock;
  readonly fulfilments;
  readonly webhook?: Webhook;

  constructor(private readonly shop: Shop) {
    const { webhookSecret } = shop.config;
    this.stock = stockSink(shop);
    this.fulfilments = fulfilmentSink(shop);
    if (webhookSecret !== undefined)
      this.webhook = {
        receive: signedHints(webhookSecret),
        readBack: (stream, ids, signal) => readerOf(stream).readBack(shop, ids, signal),
      };
  }

  check(signal: AbortSignal): Promise<CheckResult> {
    const probe = () => this.shop.client.get('/orders', { limit: 1, fields: 'id' }, z.unknown(), signal);
    return checked(probe, 'The shop answers, and takes the key.', signal);
  }

  async discover(): Promise<SourceStream[]> {
    return STREAMS.map((name) => shippedStream('medusa', name, mappings[name]));
  }

  async *read(stream: SourceStream, cursor: Cursor | null, signal: AbortSignal): AsyncGenerator<Page> {
    for await (const page of readerOf(stream).read(this.shop, cursor, signal)) yield { ...page, rejects: [] };
  }

  cursorFrom(stream: SourceStream, since: Date): Cursor {
    return readerOf(stream).cursorFrom(since, this.shop.config);
  }
}

function readerOf({ name }: SourceStream): MedusaStream {
  return readers[z.enum(STREAMS).parse(name)];
}
