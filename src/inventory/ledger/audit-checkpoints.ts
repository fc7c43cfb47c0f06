import type { EntityManager } from '../../platform/database/database.ts';
import { CHOSEN, NO_RESERVATION, wholeLedger } from './audit.sql.ts';
import { LIVE_LINE } from '../availability/read-availability.sql.ts';

/**
 * Checkpoints of the ledger: proved sums by SKU, so that an audit need not read it again: a row for each live
 * reservation, and one for all else. An ended reservation is summed up with the rest, since nothing moves it any more.
 * All of them stand at one id of the ledger, that of the last audit whose progress was kept.
 */

/** Of these SKUs those that are folded. */
export async function checkpointedSkus(em: EntityManager, skus: readonly string[]): Promise<Set<string>> {
  const rows = await em.execute<{ sku: string }[]>(
    `select sku from stock_audit_fold where sku = any (array(select jsonb_array_elements_text(?::jsonb)))
       and reservation_id = '${NO_RESERVATION}'`,
    [JSON.stringify(skus)],
  );
  return new Set(rows.map(({ sku }) => sku));
}

/** Folds what came after `fromId` into the folds of these SKUs. */
export async function advanceCheckpoints(
  em: EntityManager,
  skus: readonly string[],
  fromId: string,
  untilId: string,
): Promise<void> {
  if (skus.length === 0) return;
  await em.execute(
    `with chosen as materialized (select jsonb_array_elements_text(?::jsonb) as sku),
     news as materialized (
       select sku, pool, node, counter, supply_id, reservation_id, cause, delta, abs(delta) as moved
       from stock_movement where id > ? and id <= ?
     ),
     touched as materialized (
       select distinct sku, reservation_id from news join chosen using (sku) where reservation_id is not null
     ),
     movement as (
       select * from news where sku in (select sku from chosen)
       union all
       select f.sku, s.pool, s.node, s.counter, s.supply_id, nullif(f.reservation_id, '${NO_RESERVATION}'), s.cause, s.delta, s.moved
       from (select sku, '${NO_RESERVATION}'::uuid as reservation_id from chosen union all select * from touched) which
       join stock_audit_fold f using (sku, reservation_id) cross join lateral unnest(f.sums) s
     ),
     ended as (
       delete from stock_audit_fold f using touched t
       where f.sku = t.sku and f.reservation_id = t.reservation_id and not ${isLive('t')}
     )
     ${insertSums(ONE_BY_ONE)}
     on conflict (sku, reservation_id) do update set sums = excluded.sums`,
    [JSON.stringify(skus), fromId, untilId],
  );
}

/** Folds the ledger of these SKUs, or of all that have one, up to an id; `except` are left without a fold. */
export async function rebuildCheckpoints(
  em: EntityManager,
  skus: readonly string[] | undefined,
  untilId: string,
  except: readonly string[] = [],
): Promise<void> {
  if (skus?.length === 0) return;
  await deleteCheckpoints(em, skus);
  const isWhole = skus === undefined;
  const which = isWhole ? 'true' : CHOSEN;
  await em.execute(
    `with given as materialized (select jsonb_array_elements_text(?::jsonb) as sku),
     wrong as materialized (select jsonb_array_elements_text(?::jsonb) as sku),
     chosen as materialized (
       ${isWhole ? 'select distinct sku from stock_balance' : 'table given'} except table wrong
     ),
     movement as (select * from (${wholeLedger(which, 'id <= ?')}) ledger)
     ${insertSums(isWhole ? ALL_TOGETHER : ONE_BY_ONE)}`,
    [JSON.stringify(skus ?? []), JSON.stringify(except), untilId],
  );
}

export async function deleteCheckpoints(
  em: EntityManager,
  skus: readonly string[] | undefined,
): Promise<void> {
  if (skus === undefined) await em.execute('truncate stock_audit_fold');
  else
    await em.execute(
      'delete from stock_audit_fold where sku = any (array(select jsonb_array_elements_text(?::jsonb)))',
      [JSON.stringify(skus)],
    );
}

/**
 * Whether a row's reservation has live lines of its SKU: by the key of each reservation. A join would be planned by how
 * many lines of a SKU are live, which statistics may not know yet; then it compares each with each, for minutes.
 */
const isLive = (row: string) => `exists (
  select 1 from (
    select line.sku, ${LIVE_LINE} as is_live from reservation_line line
    where line.reservation_id = ${row}.reservation_id offset 0
  ) line
  where line.sku = ${row}.sku and is_live)`;

/** Movements with their reservation if it is live: of some SKUs, and of all, where a hash of the live ones is better. */
const ONE_BY_ONE = `
  select movement.*, case when ${isLive('movement')} then reservation_id end as live_id from movement`;
const ALL_TOGETHER = `
  select movement.*, live.reservation_id as live_id
  from movement left join (select distinct sku, reservation_id from reservation_line where ${LIVE_LINE}) live using (sku, reservation_id)`;

/** Of `movement` and `chosen`: the sums as rows; each chosen SKU has that of no reservation, if need be empty. */
const insertSums = (movementsWithLive: string) => `, summed as (
       select sku, pool, node, counter, supply_id, live_id as reservation_id,
         case when live_id is not null then cause end as of_live, sum(delta) as delta, sum(moved) as moved
       from (${movementsWithLive}) movement
       group by sku, pool, node, counter, supply_id, live_id, of_live
       having live_id is not null or sum(delta) <> 0
     )
     insert into stock_audit_fold (sku, reservation_id, sums)
     select sku, coalesce(reservation_id, '${NO_RESERVATION}'), coalesce(array_agg(
         row(pool, node, counter, supply_id, of_live, delta, moved)::ledger_sum) filter (where counter is not null), '{}')
     from (table summed union all select sku, null, null, null, null, null, null, null, null from chosen) sums
     where sku in (select sku from chosen)
     group by sku, coalesce(reservation_id, '${NO_RESERVATION}')`;
