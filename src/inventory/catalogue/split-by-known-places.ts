import type { EntityManager } from '../../platform/database/database.ts';
import type { Rejection } from '../../platform/import/import-result.ts';

export async function withKnownPlaces<T extends { sku: string; node: string }>(
  em: EntityManager,
  records: readonly T[],
) {
  const [places] = await em.execute<{ skus: string[]; nodes: string[] }[]>(
    `select coalesce((select jsonb_agg(code) from sku where code in (select jsonb_array_elements_text(?::jsonb))), '[]') as skus,
            coalesce((select jsonb_agg(code) from node), '[]') as nodes`,
    [JSON.stringify(records.map(({ sku }) => sku))],
  );
  const skus = new Set(places!.skus);
  const nodes = new Set(places!.nodes);
  const known: T[] = [];
  const rejected: Rejection[] = [];
  records.forEach((record, index) => {
    if (!skus.has(record.sku)) rejected.push({ index, reason: `sku: there is no SKU ${record.sku}` });
    else if (!nodes.has(record.node))
      rejected.push({ index, reason: `node: there is no node ${record.node}` });
    else known.push(record);
  });
  return { known, rejected };
}
