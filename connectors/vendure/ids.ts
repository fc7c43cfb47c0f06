import { z } from 'zod';
import { FROM_THE_BEGINNING, sweepPages } from '../spi/index.ts';
import type { VendureClient } from './client.ts';
import type { VendureConfig } from './config.ts';
import { CUSTOMER_IDS, ORDER_IDS } from './documents.ts';
import { ordersBy } from './orders.ts';
import { refundRecords } from './refunds.ts';

const idRow = z.object({
  id: z.string(),
  createdAt: z.string().optional(),
  orderPlacedAt: z.string().optional(),
});

const idList = z.object({ items: z.array(idRow) });

/** The ids of all records of a stream that the shop still has. */
export async function* idPages(
  client: VendureClient,
  config: VendureConfig,
  stream: 'customers' | 'orders' | 'refunds',
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  if (stream === 'refunds') yield* refundIds(client, config, signal);
  else yield* plainIds(client, config, stream, signal);
}

async function* plainIds(
  client: VendureClient,
  { pageSize }: VendureConfig,
  list: 'customers' | 'orders',
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  const [document, field] =
    list === 'orders' ? ([ORDER_IDS, 'orderPlacedAt'] as const) : ([CUSTOMER_IDS, 'createdAt'] as const);
  const ids = {
    pageSize,
    id: ({ id }: z.infer<typeof idRow>) => id,
    time: (row: z.infer<typeof idRow>) => row[field]!,
    page: async ({ after, skip }: { after: string; skip: number }, ending: AbortSignal) => {
      const options = {
        take: pageSize,
        skip,
        sort: { [field]: 'ASC', id: 'ASC' },
        filter: { [field]: { after } },
      };
      const { data, at } = await client.ask(document, { options }, z.record(z.string(), idList), ending);
      return { rows: data[list]!.items, at };
    },
  };
  for await (const { rows } of sweepPages(ids, { after: FROM_THE_BEGINNING, skip: 0 }, signal))
    yield rows.map(({ id }) => id);
}

async function* refundIds(client: VendureClient, config: VendureConfig, signal: AbortSignal) {
  const orders = ordersBy({ client, config }, 'orderPlacedAt');
  for await (const { rows } of sweepPages(orders, { after: FROM_THE_BEGINNING, skip: 0 }, signal))
    yield rows.flatMap((order) => refundRecords(order, config.channel)).map(({ id }) => id);
}
