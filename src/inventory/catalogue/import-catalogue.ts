import type { EntityManager } from '../../platform/database/database.ts';
import type { ImportResult } from '../../platform/import/import-result.ts';
import { DEFAULT_POOL } from '../model/default-pool.ts';

/**
 * The goods, nodes and stock that source systems report. Each intake takes a page of records and is idempotent.
 */

export interface SkuRecord {
  code: string;
  title: string;
  weightGrams?: number;
  lengthMm?: number;
  widthMm?: number;
  heightMm?: number;
  temperatureClass?: 'AMBIENT' | 'CHILLED' | 'FROZEN';
}
export interface NodeRecord {
  code: string;
  name: string;
  kind: 'WAREHOUSE' | 'STORE' | 'THIRD_PARTY';
  city: string;
  province?: string;
  latitude?: number;
  longitude?: number;
  dailyCapacity?: number;
  temperatureClasses?: ('AMBIENT' | 'CHILLED' | 'FROZEN')[];
  /** A store's counter if left out. */
  pickup?: boolean;
  delivery?: boolean;
  heavyCargo?: boolean;
  timeZone?: string;
  workingWeekdays?: number[];
  holidays?: string[];
  extraWorkdays?: string[];
  cutOff?: string;
  fallbackNode?: string;
  handlingCostMinor?: number;
}

export async function importSkus(em: EntityManager, records: readonly SkuRecord[]): Promise<ImportResult> {
  await em.execute(
    `insert into sku (code, title, weight_grams, length_mm, width_mm, height_mm, temperature_class)
     select code, title, "weightGrams", "lengthMm", "widthMm", "heightMm", coalesce("temperatureClass", 'AMBIENT')
     from (
       -- the last word on a code, at the place of its first
       select distinct on (code) *, min(position) over (partition by code) as first
       from rows from (jsonb_to_recordset(?::jsonb) as (code text, title text, "weightGrams" int, "lengthMm" int,
         "widthMm" int, "heightMm" int, "temperatureClass" text)) with ordinality
         as r (code, title, "weightGrams", "lengthMm", "widthMm", "heightMm", "temperatureClass", position)
       order by code, position desc
     ) r
     order by first
     on conflict (code) do update set title = excluded.title, weight_grams = excluded.weight_grams,
       length_mm = excluded.length_mm, width_mm = excluded.width_mm, height_mm = excluded.height_mm,
       temperature_class = excluded.temperature_class`,
    [JSON.stringify(records)],
  );
  return { accepted: records.length, rejected: [] };
}

/**
 * Nodes join the default pool; moving one to another pool is a stock transfer, not a change of a field. A record is all
 * that its source says of the node: what it leaves out is as for a new one.
 */
export async function importNodes(em: EntityManager, records: readonly NodeRecord[]): Promise<ImportResult> {
  await em.execute(
    `insert into node (code, name, kind, city, province, latitude, longitude, daily_capacity, pool, temperature_classes,
       pickup, delivery, heavy_cargo, time_zone, working_weekdays, holidays, extra_workdays, cut_off, fallback_node,
       handling_cost_minor)
     select distinct on (code) code, name, kind, city, province, latitude, longitude, "dailyCapacity", ?,
       coalesce("temperatureClasses", '{AMBIENT}'), coalesce(pickup, kind = 'STORE'), coalesce(delivery, true),
       coalesce("heavyCargo", false), coalesce("timeZone", 'Asia/Shanghai'),
       coalesce("workingWeekdays", '{1,2,3,4,5,6,7}'), coalesce(holidays, '{}'), coalesce("extraWorkdays", '{}'),
       coalesce("cutOff", '18:00'), "fallbackNode", coalesce("handlingCostMinor", 0)
     from jsonb_to_recordset(?::jsonb) as r (code text, name text, kind text, city text, province text,
       latitude float8, longitude float8, "dailyCapacity" int, "temperatureClasses" text[], pickup boolean,
       delivery boolean, "heavyCargo" boolean, "timeZone" text, "workingWeekdays" int[], holidays text[],
       "extraWorkdays" text[], "cutOff" text, "fallbackNode" text, "handlingCostMinor" int)
     on conflict (code) do update set name = excluded.name, kind = excluded.kind, city = excluded.city,
       province = excluded.province, latitude = excluded.latitude, longitude = excluded.longitude,
       daily_capacity = excluded.daily_capacity, temperature_classes = excluded.temperature_classes,
       pickup = excluded.pickup, delivery = excluded.delivery, heavy_cargo = excluded.heavy_cargo,
       time_zone = excluded.time_zone, working_weekdays = excluded.working_weekdays, holidays = excluded.holidays,
       extra_workdays = excluded.extra_workdays, cut_off = excluded.cut_off, fallback_node = excluded.fallback_node,
       handling_cost_minor = excluded.handling_cost_minor`,
    [DEFAULT_POOL, JSON.stringify(records)],
  );
  return { accepted: records.length, rejected: [] };
}

/** Makes the channels that orders come from known; they sell from the default pool. */
export async function ensureChannels(em: EntityManager, codes: readonly string[]): Promise<void> {
  await em.execute(
    `insert into channel (code, name, pool)
     select distinct code, code, ? from jsonb_array_elements_text(?::jsonb) as code
     on conflict do nothing`,
    [DEFAULT_POOL, JSON.stringify(codes)],
  );
}
