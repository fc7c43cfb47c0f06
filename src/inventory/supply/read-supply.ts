import type { EntityManager } from '../../platform/database/database.ts';
import type { InboundKind, InboundLine, PoolPlanning, PresaleCampaign } from './supply.types.ts';

/** The lines of a purchase order or transfer, by SKU. */
export function readInboundLines(
  em: EntityManager,
  { kind, externalId, pool }: { kind: InboundKind; externalId: string; pool: string },
): Promise<InboundLine[]> {
  return em.execute<InboundLine[]>(
    `select sku, ordered as quantity, received, available_on::text as "availableOn" from stock_supply
     where kind = ? and external_id = ? and pool = ? order by sku`,
    [kind, externalId, pool],
  );
}

/** All campaigns, or that of a code; newest first. */
export async function readCampaigns(em: EntityManager, code?: string): Promise<PresaleCampaign[]> {
  const rows = await em.execute<PresaleCampaign[]>(
    `select c.code, c.pool, c.starts_at as "startsAt", c.ends_at as "endsAt",
       (select units from presale_limit l where l.campaign = c.code and kind = 'TOTAL') as cap,
       coalesce((select used from presale_limit l where l.campaign = c.code and kind = 'TOTAL'), 0) as sold,
       (select coalesce(jsonb_agg(jsonb_build_object('channel', subject, 'cap', units, 'sold', used) order by subject), '[]')
        from presale_limit l where l.campaign = c.code and kind = 'CHANNEL') as channels,
       (select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'planned', ordered, 'availableOn', available_on,
          'sold', coalesce(used, 0)) order by sku), '[]')
        from stock_supply s left join presale_limit l on l.campaign = c.code and l.kind = 'SKU' and subject = sku
        where s.kind = 'PRESALE' and s.external_id = c.code and s.pool = c.pool) as lines
     from presale_campaign c
     where ? or c.code = ?
     order by c.starts_at desc, c.code`,
    [code === undefined, code ?? ''],
  );
  return rows.map((row) => ({ ...row, startsAt: new Date(row.startsAt), endsAt: new Date(row.endsAt) }));
}

/** All pools, or that of a code. */
export function readPools(em: EntityManager, code?: string): Promise<PoolPlanning[]> {
  return em.execute<PoolPlanning[]>(
    `select code, name, time_zone as "timeZone", overdue_offset_days as "overdueOffsetDays",
       overdue_fence_days as "overdueFenceDays", resale_rate::float8 as "resaleRate"
     from pool where ? or code = ? order by code`,
    [code === undefined, code ?? ''],
  );
}
