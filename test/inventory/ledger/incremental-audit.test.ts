import { expect, test } from '@jest/globals';
import { auditChanged } from '../../../src/inventory/ledger/incremental-audit.ts';
import { auditStock } from '../../../src/inventory/ledger/audit-stock.ts';
import { NO_RESERVATION } from '../../../src/inventory/ledger/audit.sql.ts';
import { setQuotas } from '../../../src/inventory/channels/set-quotas.ts';
import type { Orm } from '../../../src/platform/database/database.ts';
import { admin, connect, countOf, engineOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf } from '../../support/inventory/engine-fixture.ts';
import { auditOf } from '../../support/inventory/stock.ts';
import { importInbound } from '../../../src/inventory/supply/import-inbound.ts';

const fixture = engineFixture();
const audit = () => auditChanged(fixture.orm.em.fork());
/** SKUs of which the audit says that something is wrong. */
const wrong = async () => [...new Set((await audit()).differences.map(({ sku }) => sku))];

/** SKUs that audits have looked at since their folds were taken away. */
async function lookedAt(): Promise<string[]> {
  const rows = await fixture.database.query<{ sku: string }>(
    'select distinct sku from stock_audit_fold order by sku',
  );
  await fixture.database.query('delete from stock_audit_fold');
  return rows.map(({ sku }) => sku);
}

const quotaOf = (orm: Orm, sku: string) =>
  orm.em.fork().transactional((em) =>
    setQuotas(em, {
      channel: 'douyin',
      pool: 'MAIN',
      lines: [{ sku, exclusive: 3, sharedCap: null, releaseAt: null }],
    }),
  );

test('looks at SKUs that have moved, and at no others', async () => {
  const { engine, sku, database } = fixture;
  for (const each of [sku, 'S30', 'S31']) await engine.submit(countOf(each, 20));
  expect(await audit()).toMatchObject({ consistent: true, checked: expect.any(Number) });
  await lookedAt();
  expect(await audit()).toEqual({ consistent: true, checked: 0, differences: [] });

  await engine.submit(reserveOf(sku, 2));
  await engine.submit(reserveOf('S31', 1));
  // one that nobody has moved is not looked at
  await database.query(`update stock_level set on_hand = 7 where sku = 'S30'`);
  expect(await audit()).toMatchObject({ consistent: true });
  expect(await lookedAt()).toEqual([sku, 'S31'].toSorted());
  expect(await audit()).toMatchObject({ checked: 0 });
  await database.query(`update stock_level set on_hand = 20 where sku = 'S30'`);
});

test('finds a wrong counter on a balance that has moved, again and again until it is repaired', async () => {
  const { engine, sku, database } = fixture;
  await engine.submit(countOf(sku, 20));
  await audit();
  await engine.submit(reserveOf(sku, 2));
  await database.query('update stock_balance set held = held - 1 where sku = $1', [sku]);
  for (let time = 0; time < 3; time++)
    expect((await audit()).differences).toContainEqual({
      sku,
      place: 'balance of MAIN',
      counter: 'HELD',
      stored: 1,
      folded: 2,
    });

  await database.query('update stock_balance set held = held + 1 where sku = $1', [sku]);
  expect(await audit()).toMatchObject({ consistent: true });
  expect(await audit()).toMatchObject({ consistent: true, checked: 0 });
});

test('looks at what changed without a movement', async () => {
  const { engine, orm, sku } = fixture;
  await engine.submit(countOf(sku, 20));
  await audit();
  await lookedAt();
  await quotaOf(orm, sku);
  await audit();
  expect(await lookedAt()).toEqual([sku]);
});

test('sees a movement with a lower id that commits later', async () => {
  const { engine, sku, database } = fixture;
  await engine.submit(countOf(sku, 20));
  await engine.submit(countOf('S32', 20));
  await audit();
  const slow = await connect(database.url);
  try {
    await slow.query('begin');
    await slow.query('update stock_balance set commit_counter = commit_counter + 1 where sku = $1', [sku]);
    await slow.query(
      `insert into stock_movement (at, sku, pool, counter, delta, cause, actor) values (hub_now(), $1, 'MAIN', 'HELD', 1, 'RESERVE', 'slow')`,
      [sku],
    );
    await engine.submit(reserveOf('S32', 1));
    expect(await audit()).toMatchObject({ consistent: true });
    await slow.query('commit');
  } finally {
    await slow.end();
  }
  expect(await wrong()).toEqual([sku]);
  await database.query(`delete from stock_movement where actor = 'slow'`);
  expect(await audit()).toMatchObject({ consistent: true });
});

test('the first audit looks at everything, and keeps in mind what it finds', async () => {
  const { engine, sku, database } = fixture;
  await engine.submit(countOf(sku, 20));
  await engine.submit({
    type: 'confirm',
    reservationId: idOf(await engine.submit(reserveOf(sku, 1))),
    orderExternalId: undefined,
  });
  await audit();
  await database.query('delete from stock_audit_progress');
  await database.query('update stock_balance set confirmed = 0 where sku = $1', [sku]);
  expect(await wrong()).toEqual([sku]);
  expect(await wrong()).toEqual([sku]);
  await database.query('update stock_balance set confirmed = 1 where sku = $1', [sku]);
  expect(await audit()).toMatchObject({ consistent: true });
});

test('reads of a SKU what came after its fold: the ledger before is left to the full audit', async () => {
  const { engine, orm, sku, database } = fixture;
  await engine.submit(countOf(sku, 20));
  await audit();
  const forge = (delta: number) =>
    database.query(`update stock_movement set delta = delta + $1 where sku = $2 and cause = 'ADJUST'`, [
      delta,
      sku,
    ]);
  await forge(1);
  await engine.submit(reserveOf(sku, 1));
  expect(await audit()).toMatchObject({ consistent: true });
  expect((await auditStock(orm.em.fork(), [sku])).differences).toContainEqual(
    expect.objectContaining({ place: 'balance of MAIN', counter: 'ON_HAND', stored: 20, folded: 21 }),
  );
  await forge(-1);
});

test('folds ended reservations into one sum, and keeps live ones apart', async () => {
  const { engine, sku, database } = fixture;
  const folds = async () =>
    (
      await database.query<{ id: string }>(
        'select reservation_id as id from stock_audit_fold where sku = $1',
        [sku],
      )
    )
      .map(({ id }) => id)
      .filter((id) => id !== NO_RESERVATION);
  await engine.submit(countOf(sku, 20));
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) ids.push(idOf(await engine.submit(reserveOf(sku, 1))));
  await audit();
  expect((await folds()).toSorted()).toEqual(ids.toSorted());
  for (const reservationId of ids.slice(1))
    await engine.submit({ type: 'release', reservationId, reason: undefined });
  await audit();
  expect(await folds()).toEqual([ids[0]]);
  expect(await auditOf(fixture.orm)).toEqual([]);
});

test('a fold that is wrong is made again, and is no difference', async () => {
  const { engine, orm, sku, database } = fixture;
  await engine.submit(countOf(sku, 20));
  await audit();
  await database.query('update stock_audit_fold set sums = $1 where sku = $2', ['{}', sku]);
  await engine.submit(reserveOf(sku, 1));
  expect(await audit()).toMatchObject({ consistent: true });
  expect(await auditOf(orm)).toEqual([]);
});

const tamperings: Record<string, { table: string; change: (sign: '+' | '-') => string }> = {
  balance: { table: 'stock_balance', change: (sign) => `held = held ${sign} 1` },
  level: { table: 'stock_level', change: (sign) => `on_hand = on_hand ${sign} 1` },
  line: { table: 'reservation_line', change: (sign) => `reserved = reserved ${sign} 1` },
  quota: { table: 'channel_quota', change: (sign) => `used = used ${sign} 1` },
  supply: { table: 'stock_supply', change: (sign) => `ordered = ordered ${sign} 1` },
};
test.each(Object.keys(tamperings))(
  'finds a tampered counter of a %s once its balance moves',
  async (what) => {
    const { engine, orm, sku, database } = fixture;
    await engine.submit(countOf(sku, 20));
    await quotaOf(orm, sku);
    await importInbound(orm.em.fork(), engineOf(engine), admin, [
      { externalId: `PO-${sku}`, sku, node: 'WH', quantity: 9, expectedOn: '2026-12-01' },
    ]);
    await engine.submit(reserveOf(sku, 2));
    expect(await audit()).toMatchObject({ consistent: true });
    const { table, change } = tamperings[what]!;
    const tamper = (sign: '+' | '-') =>
      database.query(
        `update ${table} set ${change(sign)} where sku = $1 and ctid = (select min(ctid) from ${table} where sku = $1)`,
        [sku],
      );
    await tamper('+');
    expect(await audit()).toMatchObject({ consistent: true });
    await engine.submit(countOf(sku, 1, 'STORE'));
    expect(await wrong()).toEqual([sku]);
    await tamper('-');
    expect(await audit()).toMatchObject({ consistent: true });
  },
);
