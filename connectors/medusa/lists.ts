import { z } from 'zod';
import type { Sweep, SweepOf, SweepPage } from '../spi/index.ts';
import { shapedAs, type MedusaClient, type MedusaQuery } from './client.ts';
import type { MedusaConfig } from './config.ts';

/** A shop, and how it is read. */
export interface Shop {
  client: MedusaClient;
  config: MedusaConfig;
}

export const instant = z.iso.datetime();

/** The fields that every row of Medusa has. */
export const rowShape = { id: z.string(), created_at: instant, updated_at: instant };
export type MedusaRow = z.infer<z.ZodObject<typeof rowShape>>;

/** A list of the Admin API: its rows stand under its own name. */
export interface MedusaList<Row extends MedusaRow> {
  name: 'customers' | 'orders' | 'returns' | 'claims';
  /** As `fields` says it: `*` for all of a relation. */
  fields: string;
  row: z.ZodType<Row>;
  /**
   * Fields of the row's order, which is put beside `order_id` as `order`. It is asked for by itself: a list that is sorted
   * cannot give it, since Medusa 2.21 takes the sorting, `order`, for a condition on that relation and answers 500.
   */
  orderFields?: string;
}

/** Ids that are asked for in one call: they stand in its address. */
const IDS_AT_ONCE = 100;

type Time = 'created_at' | 'updated_at';

/**
 * Rows in the order of a time of theirs. Medusa sorts by one field only, so that rows of one and the same millisecond
 * come in any order, another one on each page: a page that has no other rows is asked for again, larger.
 * @param where further conditions
 */
export function rowsBy<Row extends MedusaRow>(
  shop: Shop,
  list: MedusaList<Row>,
  time: Time,
  where: MedusaQuery = {},
): SweepOf<Row> {
  const { pageSize } = shop.config;
  const page = async ({ after, skip }: Sweep, signal: AbortSignal): Promise<SweepPage<Row>> => {
    for (let limit = pageSize; ; limit *= 2) {
      const query = { ...where, [`${time}[$gt]`]: after, order: time, limit, offset: skip };
      const answer = await ask(shop, list, query, signal);
      const { rows } = answer;
      if (rows.length < limit || rows[0]![time] !== rows.at(-1)![time]) return answer;
    }
  };
  return { pageSize, page, id: ({ id }) => id, time: (row) => row[time] };
}

/** Those that still exist, in no order. */
export async function rowsByIds<Row extends MedusaRow>(
  shop: Shop,
  list: MedusaList<Row>,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<SweepPage<Row>> {
  const page = await ask(shop, list, { id: ids.slice(0, IDS_AT_ONCE), limit: IDS_AT_ONCE }, signal);
  if (ids.length <= IDS_AT_ONCE) return page;
  const more = await rowsByIds(shop, list, ids.slice(IDS_AT_ONCE), signal);
  return { rows: [...page.rows, ...more.rows], at: page.at };
}

async function ask<Row extends MedusaRow>(
  shop: Shop,
  { name, fields, row, orderFields }: MedusaList<Row>,
  query: MedusaQuery,
  signal: AbortSignal,
): Promise<SweepPage<Row>> {
  const shape = z.object({ [name]: z.array(z.looseObject({ id: z.string() })) });
  const { data, at } = await shop.client.get(`/${name}`, { fields, ...query }, shape, signal);
  const rows = data[name]!;
  const whole = orderFields === undefined ? rows : await withOrders(shop, rows, orderFields, signal);
  return { rows: shapedAs(z.array(row), whole), at };
}

async function withOrders(
  shop: Shop,
  rows: readonly Record<string, unknown>[],
  fields: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>[]> {
  const ids = [...new Set(rows.map(({ order_id }) => String(order_id)))];
  if (ids.length === 0) return [];
  const list = { name: 'orders' as const, fields, row: z.looseObject(rowShape) };
  const { rows: orders } = await rowsByIds(shop, list, ids, signal);
  const byId = new Map(orders.map((order) => [order.id, order]));
  return rows.map((row) => ({ ...row, order: byId.get(String(row['order_id'])) }));
}
