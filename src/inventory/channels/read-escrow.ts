import type { EntityManager } from '../../platform/database/database.ts';
import { channelAvailability, type PoolChannel } from '../availability/channel-availability.ts';
import { readAtp } from '../availability/read-availability.ts';

/** The escrow of a channel with a counter of its own, for a SKU. */
export interface Escrow {
  sku: string;
  /** Units of its exclusive part that nobody has. */
  free: number;
  /** Units of its orders that were taken in and have not left. */
  takenIn: number;
  /** When `free` moves though nobody writes. */
  nextChangeAt: Date | null;
  asOf: Date;
}

/** SKUs of which something is kept for the channel, in the pool that it sells from; among some, if given. */
export async function skusInEscrow(
  em: EntityManager,
  channel: string,
  among?: readonly string[],
): Promise<string[]> {
  const rows = await em.execute<{ sku: string }[]>(
    `select q.sku from channel_quota q join channel c on c.code = q.channel and c.pool = q.pool
     where q.channel = ? and (?::jsonb is null or q.sku in (select jsonb_array_elements_text(?::jsonb)))
     order by q.sku`,
    [channel, among ? JSON.stringify(among) : null, among ? JSON.stringify(among) : null],
  );
  return rows.map(({ sku }) => sku);
}

/**
 * The escrow of SKUs, in their order, all of it of one instant: free units of before an order was taken in beside its
 * units of after would be sold twice. Undefined for a channel that there is not.
 */
export async function readEscrow(
  em: EntityManager,
  channel: string,
  skus: readonly string[],
): Promise<Escrow[] | undefined> {
  return em.transactional(
    async (tx) => {
      const [selling] = await tx.execute<PoolChannel[]>(
        'select code, pool, sells_from as "sellsFrom" from channel where code = ?',
        [channel],
      );
      if (!selling) return undefined;
      const { pool } = selling;
      const readings = await readAtp(
        tx,
        skus.map((sku) => ({ sku, pool })),
      );
      const takenIn = await readTakenIn(tx, selling, skus);
      return readings.map((reading, index) => ({
        sku: skus[index]!,
        free: channelAvailability(reading, [{ ...selling, sellsFrom: 'ESCROW' }]).channels[0]!.quantity,
        takenIn: takenIn.get(skus[index]!) ?? 0,
        nextChangeAt: reading.nextChangeAt,
        asOf: reading.asOf,
      }));
    },
    { isolationLevel: 'repeatable read', readOnly: true },
  );
}

async function readTakenIn(
  em: EntityManager,
  { code, pool }: PoolChannel,
  skus: readonly string[],
): Promise<Map<string, number>> {
  const rows = await em.execute<{ sku: string; units: number }[]>(
    `with instant as materialized (select hub_now() as now)
     select wanted.sku, taken.units::int as units
     from instant, jsonb_array_elements_text(?::jsonb) as wanted (sku), lateral (
       select sum(reserved - released - shipped) as units from reservation_line line
       where line.sku = wanted.sku and line.pool = ? and line.channel = ? and released + shipped < reserved
         and (hold_expires_at is null or hold_expires_at > instant.now)
     ) taken
     where taken.units > 0`,
    [JSON.stringify(skus), pool, code],
  );
  return new Map(rows.map(({ sku, units }) => [sku, units]));
}
