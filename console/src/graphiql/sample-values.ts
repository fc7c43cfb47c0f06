import type { Client } from 'urql';
import { ChannelsDocument, OrdersDocument, SkuDocument, SkusDocument } from '../gql/graphql.ts';
import type { SampleValues } from './examples.ts';

/**
 * The first things of the shop, so that every example runs as it stands. Each may be missing (an empty shop, a key without
 * that scope): its place then stays in braces.
 */
export async function readSampleValues(api: Client): Promise<SampleValues> {
  const [skus, channels, orders] = await Promise.all([
    api.query(SkusDocument, { first: 1 }).toPromise(),
    api.query(ChannelsDocument, {}).toPromise(),
    api.query(OrdersDocument, { first: 1 }).toPromise(),
  ]);
  const sku = skus.data?.skus.nodes[0]?.code;
  const order = orders.data?.orders.nodes[0];
  return {
    sku,
    channel: channels.data?.channels[0]?.code,
    node: sku === undefined ? undefined : await nodeWith(api, sku),
    order: order?.id,
    customer: order?.customer?.id,
  };
}

async function nodeWith(api: Client, code: string) {
  const { data } = await api.query(SkuDocument, { code }).toPromise();
  return data?.sku?.levels[0]?.node.code;
}
