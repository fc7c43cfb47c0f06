import type { EntityManager } from '../../platform/database/database.ts';
import type { ImportResult } from '../../platform/import/import-result.ts';
import type { CarrierServiceFacts } from '../decide/facts/routing-facts.ts';
import { serviceProblem } from '../decide/facts/normalise-facts.ts';

/** The price list that sources report: as the facts, with what may be left out. */
export type CarrierServiceRecord = Omit<CarrierServiceFacts, 'fromNodes' | 'minDensityKgPerM3'> &
  Partial<Pick<CarrierServiceFacts, 'fromNodes' | 'minDensityKgPerM3'>>;

/** Imports price lists; one that no decision can rest on is refused with the reason. */
export async function importCarrierServices(
  em: EntityManager,
  records: readonly CarrierServiceRecord[],
): Promise<ImportResult> {
  const rejected: { index: number; reason: string }[] = [];
  const byCode = new Map<string, CarrierServiceFacts>();
  records.forEach((record, index) => {
    const facts = {
      ...record,
      fromNodes: record.fromNodes ?? null,
      minDensityKgPerM3: record.minDensityKgPerM3 ?? null,
    };
    const reason = serviceProblem(facts);
    if (reason === undefined) byCode.set(facts.code, facts);
    else rejected.push({ index, reason });
  });
  await em.execute(
    `insert into carrier_service (code, facts)
     select facts->>'code', facts from jsonb_array_elements(?::jsonb) as facts
     order by 1
     on conflict (code) do update set facts = excluded.facts`,
    [JSON.stringify([...byCode.values()])],
  );
  return { accepted: records.length - rejected.length, rejected };
}

/** By code. */
export async function readCarrierServices(em: EntityManager): Promise<CarrierServiceFacts[]> {
  const rows = await em.execute<{ facts: CarrierServiceFacts }[]>(
    'select facts from carrier_service order by code',
  );
  return rows.map(({ facts }) => facts);
}
