import {
  checked,
  listFrom,
  shippedStream,
  type Connector,
  type Source,
  type SourceStream,
} from '../spi/index.ts';
import { ShopifyClient } from './client.ts';
import { shopifyConfig, type ShopifyConfig } from './config.ts';
import customers from './mappings/customers.json' with { type: 'json' };
import orders from './mappings/orders.json' with { type: 'json' };
import refunds from './mappings/refunds.json' with { type: 'json' };
import returns from './mappings/returns.json' with { type: 'json' };
import { READINGS, SHOP_QUERY, type StreamName } from './queries.ts';
import { readByIds, readUpdated } from './reader.ts';
import { receivePush } from './webhook.ts';

const MAPPINGS = { customers, orders, returns, refunds };

/** Customers first, orders before what refers to them. */
const STREAMS = Object.entries(MAPPINGS).map(([name, mapping]) => shippedStream('shopify', name, mapping));
const readingOf = ({ name }: SourceStream) => READINGS[name as StreamName];

/** A shop at Shopify, over the Admin API in GraphQL. */
export const shopifyConnector: Connector = {
  spec: { id: 'shopify', kind: 'COMMERCE', title: 'Shopify', configSchema: shopifyConfig.jsonSchema },
  open: (config) => source(shopifyConfig.parse(config)),
};

function source(config: ShopifyConfig): Source {
  const client = new ShopifyClient(config);
  const { clientSecret, pageSize } = config;
  return {
    check: (signal) => checked(() => client.query(SHOP_QUERY, {}, signal), 'The shop answers.', signal),
    discover: async () => STREAMS,
    read: (stream, cursor, signal) => readUpdated(client, readingOf(stream), pageSize, cursor, signal),
    cursorFrom: (_stream, since) => listFrom(since),
    ...(clientSecret === undefined
      ? {}
      : {
          webhook: {
            receive: async (push) => receivePush(push, clientSecret),
            readBack: (stream, ids, signal) => readByIds(client, readingOf(stream), ids, signal),
          },
        }),
  };
}
