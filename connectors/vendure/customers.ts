import { z } from 'zod';
import type { RawRecord, SweepOf } from '../spi/index.ts';
import type { VendureClient } from './client.ts';
import type { VendureConfig } from './config.ts';
import { CUSTOMERS } from './documents.ts';

const customerSchema = z.looseObject({ id: z.string(), updatedAt: z.iso.datetime() });
const customerList = z.object({ customers: z.object({ items: z.array(customerSchema) }) });
export type VendureCustomer = z.infer<typeof customerSchema>;

/** Customers, the longest unchanged first. Their `updatedAt` moves with name, phone and e-mail. */
export function changedCustomers(
  client: VendureClient,
  { pageSize }: VendureConfig,
): SweepOf<VendureCustomer> {
  return {
    pageSize,
    id: ({ id }) => id,
    time: ({ updatedAt }) => updatedAt,
    page: ({ after, skip }, signal) => {
      const sort = { updatedAt: 'ASC', id: 'ASC' };
      return customersOf(client, { take: pageSize, skip, sort, filter: { updatedAt: { after } } }, signal);
    },
  };
}

export async function customersByIds(client: VendureClient, ids: readonly string[], signal: AbortSignal) {
  return customersOf(client, { take: ids.length, filter: { id: { in: ids } } }, signal);
}

async function customersOf(client: VendureClient, options: Record<string, unknown>, signal: AbortSignal) {
  const { data, at } = await client.ask(CUSTOMERS, { options }, customerList, signal);
  return { rows: data.customers.items, at };
}

export function customerRecord(customer: VendureCustomer, channel: string): RawRecord {
  return { id: customer.id, origin: `customer ${customer.id}`, data: { ...customer, hub: { channel } } };
}
