/** SKU codes of `generate`, from 1. */
export const skuCode = (number) => `SKU-${String(number).padStart(7, '0')}`;
const code = (number) => `'SKU-' || lpad((${number})::text, 7, '0')`;

/** Months over which the ledger is spread, the present one included. */
const MONTHS = 12;
/** Of ten movements: counts of nodes, and what 1.5 reservations leave (one confirmed, half a one released). */
const COUNTS_OF_TEN = 6;
const RESERVATIONS_OF_TEN = 1.5;

/**
 * A shop as it would be after a year: every SKU at every node, stock at some of them, and reservations that were
 * confirmed (two of three) or released. Consistent, as the audit says. Triggers of foreign keys are off meanwhile:
 * they would check 40 million references that are right by construction.
 */
export async function generate(database, { skus, movements, nodes }) {
  const [{ done }] = await database.query('select count(*) > 0 as done from stock_balance');
  if (done) return;
  const began = performance.now();
  const step = async (name, text) => {
    const from = performance.now();
    await database.query(text);
    console.error(`${database.name}: ${name} ${((performance.now() - from) / 1000).toFixed(0)} s`);
  };
  const counts = Math.floor((movements * COUNTS_OF_TEN) / 10);
  const reservations = Math.floor((movements * RESERVATIONS_OF_TEN) / 10);
  await step(
    'settings',
    `set synchronous_commit = off; set session_replication_role = replica; set work_mem = '512MB'`,
  );
  await step('catalogue', catalogue(skus, nodes));
  await step('months', months);
  await step('reservations', reservationsOf(skus, reservations));
  await step('lines', lines);
  await step('movements', ledger(skus, nodes, counts));
  await step('levels', levels(nodes));
  await step('balances', balances);
  await step('settings', 'reset session_replication_role; reset work_mem');
  await step('vacuum', 'vacuum (analyze)');
  console.error(`${database.name}: generated in ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

const catalogue = (skus, nodes) => `
  insert into channel (code, name, pool) values ('douyin', 'Douyin', 'MAIN');
  insert into node (code, name, kind, city, pool)
    select 'N' || lpad(n::text, 2, '0'), 'Node ' || n, 'WAREHOUSE', 'Shanghai', 'MAIN' from generate_series(1, ${nodes}) n;
  insert into sku (code, title) select ${code('n')}, 'Goods ' || n from generate_series(1, ${skus}) n`;

const months = `select add_ledger_month((date_trunc('month', now()) - make_interval(months => n))::date)
  from generate_series(0, ${MONTHS - 1}) n`;

const instant = (share) => `now() - interval '${MONTHS - 1} months' * (${share}) - interval '1 hour'`;

/** Spread evenly over time and SKUs; the ids are in the order of time, as those of uuid v7 are. */
const reservationsOf = (skus, count) => `
  insert into reservation (id, partner, channel, pool, reference, state, created_at, expires_at, events)
  select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'bench', 'douyin', 'MAIN',
    'R' || n, case when n % 3 = 0 then 'RELEASED' else 'CONFIRMED' end, at, at + interval '15 minutes',
    jsonb_build_array(jsonb_build_object('at', at, 'type', 'HELD', 'actor', 'bench'),
      jsonb_build_object('at', at, 'type', 'CONFIRMED', 'actor', 'bench'))
  from generate_series(1, ${count}) n, lateral (select ${instant(`1 - n::float8 / ${count}`)} as at) i`;

const lines = `
  insert into reservation_line (reservation_id, line_no, sku, pool, channel, promised_on, reserved, released)
  select id, 1, ${code(`1 + (substr(reference, 2)::bigint * 7919) % (select count(*) from sku)`)}, 'MAIN', 'douyin',
    created_at::date, 1, case when state = 'RELEASED' then 1 else 0 end
  from reservation order by id`;

/** In the order of time, counts of nodes between reservations. */
const ledger = (skus, nodes, counts) => `
  insert into stock_movement (at, sku, pool, node, counter, delta, cause, reservation_id, actor)
  select at, sku, pool, node, counter, delta, cause, reservation_id, 'bench' from (
    select ${instant(`1 - n::float8 / ${counts}`)} as at, ${code(`1 + (n - 1) % ${skus}`)} as sku, 'MAIN' as pool,
      'N' || lpad((1 + ((n - 1) / ${skus}) % ${nodes})::text, 2, '0') as node, 'ON_HAND' as counter, 100000 as delta,
      'ADJUST' as cause, null::uuid as reservation_id
    from generate_series(1, ${counts}) n
    union all
    select created_at, sku, line.pool, null, move.counter, move.delta, move.cause, id
    from reservation join reservation_line line on line.reservation_id = id,
      lateral (values ('HELD', 1, 'RESERVE', true), ('HELD', -1, 'RELEASE', state = 'RELEASED'),
        ('HELD', -1, 'CONFIRM', state = 'CONFIRMED'), ('CONFIRMED', 1, 'CONFIRM', state = 'CONFIRMED'))
        as move (counter, delta, cause, happened)
    where happened
  ) movement order by at`;

const levels = (nodes) => `
  insert into stock_level (sku, node, on_hand)
  select sku.code, node.code, coalesce(moved.on_hand, 0)
  from (select code from sku) sku cross join node
  left join (select sku, node, sum(delta) as on_hand from stock_movement where node is not null group by sku, node) moved
    on moved.sku = sku.code and moved.node = node.code
  order by sku.code, node.code limit (select count(*) from sku) * ${nodes}`;

const balances = `
  insert into stock_balance (sku, pool, on_hand, confirmed, committed_at)
  select code, 'MAIN', coalesce(on_hand, 0), coalesce(confirmed, 0), now() from sku
  left join (select sku, sum(delta) filter (where counter = 'ON_HAND') as on_hand,
      sum(delta) filter (where counter = 'CONFIRMED') as confirmed
    from stock_movement group by sku) moved on moved.sku = sku.code
  order by code`;
