import { expect, it } from '@jest/globals';
import { RetriableError, type Cursor, type Source } from '../../../connectors/spi/index.ts';
import type { Fault } from './faulty-server.ts';
import { readOn } from './read-source.ts';

const DAY_MS = 86_400_000;

/** A contract shop whose rows are found by their times. */
interface TimedShop {
  readonly server: { readonly faults: (Fault | undefined)[] };
  readonly orders: object[];
  /** Called with each request. */
  meanwhile: () => void;
  /** Lets the shop's clock go on. */
  pass(ms: number): void;
}

interface Parts<Order extends { id: string }> {
  shop(): TimedShop;
  opened(settings?: Record<string, unknown>): Source;
  /** An order of one unit. */
  place(): Promise<Order>;
  /** Refunds it, and settles that. @returns the refund's id in the shop */
  refund(order: Order): Promise<string>;
}

const idsOf = (records: readonly { id: string }[]) => records.map(({ id }) => id);

/** The ids that a stream has had since the last time, from a cursor on. */
export function idsSince(source: Source, stream: string, from: Cursor): () => Promise<string[]> {
  let cursor = from;
  return async () => {
    const { records, cursor: next } = await readOn(source, stream, cursor);
    cursor = next;
    return idsOf(records);
  };
}

/** What holds for each shop that is read by the times of its rows. */
export function timedShopCases<Order extends { id: string }>(parts: Parts<Order>): void {
  const { shop, opened, place } = parts;
  const placed = async (count: number) => {
    const ids: string[] = [];
    for (let order = 0; order < count; order++) ids.push((await place()).id);
    return ids;
  };

  it('trouble that lasts ends the read where it is; the next one goes on from the cursor', async () => {
    const ids = await placed(7);
    const source = opened({ pace: { retryAfterMs: 1, callsPerSecond: 1_000 } });
    const first = await readOn(source, 'orders', null, 2);
    shop().server.faults.push(...Array.from({ length: 4 }, () => 503 as const));
    await expect(readOn(source, 'orders', first.cursor)).rejects.toThrow(RetriableError);
    const rest = await readOn(source, 'orders', first.cursor);
    expect(new Set(idsOf([...first.records, ...rest.records]))).toEqual(new Set(ids));
  });

  it('loses nothing when earlier orders go away between two pages', async () => {
    const ids = await placed(8);
    let pages = 0;
    shop().meanwhile = () => {
      if (++pages === 3) shop().orders.splice(0, 2);
    };
    const { records } = await readOn(opened(), 'orders', null);
    expect(new Set(idsOf(records))).toEqual(new Set(ids));
  });

  it('looks through older orders for refunds now and then', async () => {
    const source = opened({ refunds: { recentDays: 1, days: 30, everySeconds: 3_600 } });
    const order = await place();
    const read = idsSince(source, 'refunds', (await readOn(source, 'refunds', null)).cursor);
    shop().pass(5 * DAY_MS);
    expect(await read()).toEqual([]);
    const refund = await parts.refund(order);
    shop().pass(1_000_000);
    expect(await read()).toEqual([]);
    shop().pass(3_000_000);
    expect(await read()).toEqual([`${order.id}/${refund}`]);
    shop().pass(4_000_000);
    expect(await read()).toEqual([]);
  });
}
