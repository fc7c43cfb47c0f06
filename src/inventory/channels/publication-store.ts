import type { PublishResult, StockToPublish } from '../../../connectors/spi/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';

/** The last publication of a SKU to a source. */
export interface Published {
  free: number;
  takenIn: number;
  /** Whether it is to be told again though nothing has changed here. */
  isDoubtful: boolean;
}

/** So long after a publication, what the source's own orders took from it has been read, or has left. */
const DOUBTFUL_AFTER = '4 minutes';

export async function publishedSkus(em: EntityManager, connector: string): Promise<string[]> {
  const rows = await em.execute<{ sku: string }[]>(
    'select sku from stock_publication where connector = ? order by sku',
    [connector],
  );
  return rows.map(({ sku }) => sku);
}

/**
 * Refused publications are doubtful, since the source may know the SKU by now; and after some minutes, what the source
 * did not come to offer as it may sell: its orders which were not read then, or parcels of which it was not told, held
 * units back.
 */
export async function readPublished(
  em: EntityManager,
  connector: string,
  skus: readonly string[],
): Promise<Map<string, Published>> {
  const rows = await em.execute<(Published & { sku: string })[]>(
    `select sku, free, taken_in as "takenIn", refusal is not null
       or sellable <> greatest(free, 0) and published_at < hub_now() - ?::interval as "isDoubtful"
     from stock_publication
     where connector = ? and sku in (select jsonb_array_elements_text(?::jsonb))`,
    [DOUBTFUL_AFTER, connector, JSON.stringify(skus)],
  );
  return new Map(rows.map(({ sku, ...published }) => [sku, published]));
}

/** Stores publications and their results. */
export async function storePublished(
  em: EntityManager,
  connector: string,
  told: readonly StockToPublish[],
  results: readonly PublishResult[],
): Promise<void> {
  const bySku = new Map(results.map((result) => [result.sku, result]));
  const rows = told.map(({ sku, free, takenIn }) => {
    const result = bySku.get(sku);
    const refusal = !result
      ? 'The source said nothing of it.'
      : result.outcome === 'REFUSED'
        ? result.reason
        : null;
    return { sku, free, takenIn, refusal, sellable: result && 'sellable' in result ? result.sellable : null };
  });
  await em.execute(
    `insert into stock_publication (connector, sku, free, taken_in, sellable, refusal, published_at)
     select ?, sku, free, "takenIn", sellable, refusal, hub_now()
     from jsonb_to_recordset(?::jsonb) as t (sku text, free int, "takenIn" int, sellable int, refusal text)
     order by sku
     on conflict (connector, sku) do update set free = excluded.free, taken_in = excluded.taken_in,
       sellable = excluded.sellable, refusal = excluded.refusal, published_at = excluded.published_at`,
    [connector, JSON.stringify(rows)],
  );
}

/** SKUs that the source refused to be told of. */
export async function countRefused(em: EntityManager, connector: string): Promise<number> {
  const [row] = await em.execute<{ count: number }[]>(
    'select count(*)::int as count from stock_publication where connector = ? and refusal is not null',
    [connector],
  );
  return row!.count;
}
