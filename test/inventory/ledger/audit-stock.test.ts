import { expect, test } from '@jest/globals';
import { setQuotas } from '../../../src/inventory/channels/set-quotas.ts';
import { RestockReason, StockCondition } from '../../../src/inventory/model/stock.enums.ts';
import { admin, engineOf, countOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf } from '../../support/inventory/engine-fixture.ts';
import { auditOf } from '../../support/inventory/stock.ts';
import { importInbound } from '../../../src/inventory/supply/import-inbound.ts';

const fixture = engineFixture();

/** Every counter of every table, and rows invented or deleted; checks are off, as they are for a superuser in a hurry. */
const tamperings: Record<string, string> = {
  'balance.on_hand': `update stock_balance set on_hand = on_hand + 1 where sku = $1`,
  'balance.allocated': `update stock_balance set allocated = allocated + 1 where sku = $1`,
  'balance.confirmed': `update stock_balance set confirmed = confirmed - 1 where sku = $1`,
  'balance.held': `update stock_balance set held = held - 1 where sku = $1`,
  'balance.unbacked': `update stock_balance set unbacked = unbacked + 1 where sku = $1`,
  'balance.dated_held': `update stock_balance set dated_held = dated_held + 1 where sku = $1`,
  'balance.dated_confirmed': `update stock_balance set dated_confirmed = dated_confirmed + 1 where sku = $1`,
  'quota.used': `update channel_quota set used = used + 1 where sku = $1`,
  'quota.shipped_before': `update channel_quota set shipped_before = shipped_before + 1 where sku = $1`,
  'line.dated': `update reservation_line set dated = dated + 1 where sku = $1 and hold_expires_at is not null`,
  'balance.future_draw': `update stock_balance set future_draw = future_draw - 1 where sku = $1`,
  'balance deleted': `delete from stock_balance where sku = $1`,
  'level.on_hand': `update stock_level set on_hand = on_hand - 1 where sku = $1`,
  'level.damaged': `update stock_level set damaged = damaged + 1 where sku = $1`,
  'level.quarantined': `update stock_level set quarantined = quarantined + 1 where sku = $1`,
  'level.allocated': `update stock_level set allocated = allocated + 1 where sku = $1`,
  'supply.ordered': `update stock_supply set ordered = ordered + 1 where sku = $1`,
  'supply.received': `update stock_supply set received = received + 1 where sku = $1`,
  'line.reserved': `update reservation_line set reserved = reserved + 1 where sku = $1 and line_no = 1`,
  'line.released': `update reservation_line set released = released + 1 where sku = $1 and hold_expires_at is null`,
  'line.allocated': `update reservation_line set allocated = allocated + 1 where sku = $1 and hold_expires_at is null`,
  'line.shipped': `update reservation_line set shipped = shipped + 1 where sku = $1 and hold_expires_at is null`,
  'line.unbacked': `update reservation_line set unbacked = unbacked + 1 where sku = $1`,
  'line no longer held': `update reservation_line set hold_expires_at = null where sku = $1`,
  'line deleted': `delete from reservation_line where sku = $1 and hold_expires_at is null`,
  'reserved and released alike': `update reservation_line set reserved = reserved + 1, released = released + 1 where sku = $1`,
  'two lines that cancel out': `update reservation_line
    set reserved = reserved + case when hold_expires_at is null then 1 else -1 end where sku = $1`,
  'unbacked moved to another line': `update reservation_line
    set unbacked = unbacked + case when line_no = 1 and hold_expires_at is null then 1 else 0 end where sku = $1`,
  'reservation.state': `update reservation set state = 'FULFILLED'
    where id in (select reservation_id from reservation_line where sku = $1 and hold_expires_at is null)`,
  'line.hold_expires_at': `update reservation_line set hold_expires_at = '2099-01-01' where sku = $1 and hold_expires_at is not null`,
  'fact deleted': `delete from stock_fact where restock_id in (select restock_id from stock_movement where sku = $1)`,
  'allocation invented': `insert into reservation_allocation (reservation_id, line_no, node, allocated)
    select reservation_id, line_no, 'WH', 1 from reservation_line where sku = $1 and hold_expires_at is null`,
  'movement.delta': `update stock_movement set delta = delta + 1 where sku = $1 and counter = 'HELD' and delta > 0`,
  'movement deleted': `delete from stock_movement where sku = $1 and counter = 'ON_HAND'`,
  'movement invented': `insert into stock_movement (at, sku, pool, node, counter, delta, cause, actor)
    values (hub_now(), $1, 'MAIN', 'WH', 'ON_HAND', 1, 'ADJUST', 'nobody')`,
};

test.each(Object.keys(tamperings))('finds %s tampered with', async (what) => {
  const { engine, orm, sku, database } = fixture;
  await engine.submit(countOf(sku, 20));
  await orm.em.fork().transactional((em) =>
    setQuotas(em, {
      channel: 'douyin',
      pool: 'MAIN',
      lines: [{ sku, exclusive: 4, sharedCap: null, releaseAt: null }],
    }),
  );
  await engine.submit(reserveOf(sku, 5));
  const paid = await engine.submit(reserveOf(sku, 3));
  await engine.submit({ type: 'confirm', reservationId: idOf(paid), orderExternalId: undefined });
  await importInbound(orm.em.fork(), engineOf(engine), admin, [
    { externalId: `PO-${sku}`, sku, node: 'WH', quantity: 9, expectedOn: '2026-12-01' },
  ]);
  const damaged = {
    sku,
    quantity: 1,
    condition: StockCondition.DAMAGED,
    returnOf: undefined,
    inbound: undefined,
  };
  await engine.submit({
    type: 'restock',
    node: 'WH',
    reason: RestockReason.RECEIPT,
    externalEventId: undefined,
    lines: [damaged],
  });
  expect((await auditOf(orm)).filter((difference) => difference.sku === sku)).toEqual([]);

  await database.query(tamperings[what]!, [sku]);
  const found = (await auditOf(orm)).filter((difference) => difference.sku === sku);
  expect(found).not.toEqual([]);
  expect(found.every(({ stored, folded }) => stored !== folded)).toBe(true);
});

test('the database itself refuses a balance that promises more than there is', async () => {
  const { engine, sku, database } = fixture;
  await engine.submit(countOf(sku, 3));
  await expect(
    database.query('update stock_balance set confirmed = 4 where sku = $1', [sku]),
  ).rejects.toMatchObject({ constraint: 'never_oversold' });
});
