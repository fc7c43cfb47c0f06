import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { auditChanged } from '../../../src/inventory/ledger/incremental-audit.ts';
import { auditStock } from '../../../src/inventory/ledger/audit-stock.ts';
import {
  addLedgerMonths,
  detachLedgerMonth,
  ledgerMonths,
} from '../../../src/inventory/ledger/ledger-partitions.ts';
import { connect, countOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf, later } from '../../support/inventory/engine-fixture.ts';
import { auditOf } from '../../support/inventory/stock.ts';
import { until } from '../../support/until.ts';

const fixture = engineFixture();
const months = async () => (await ledgerMonths(fixture.orm.em.fork())).map(({ month }) => month);
const detach = (month: string) => detachLedgerMonth(fixture.orm.em.fork(), month);
const DAYS = 86_400;
/** Long enough after the months of these tests. */
const NEXT_SPRING = later(200 * DAYS);
const confirm = (id: string) =>
  fixture.engine.submit({ type: 'confirm', reservationId: id, orderExternalId: undefined });
const cancel = (id: string) =>
  fixture.engine.submit({ type: 'cancel', reservationId: id, lines: undefined, reason: undefined });

/** The months of the tests' clock, whatever the day on which they run. */
beforeAll(async () => {
  const { database } = fixture;
  for (const { table } of await ledgerMonths(fixture.orm.em.fork()))
    await database.query(`drop table ${table}`);
  for (const month of ['2026-11-01', '2026-12-01'])
    await database.query('select add_ledger_month($1)', [month]);
});

test('months are made ahead, and take over what the default partition holds of them', async () => {
  const { engine, sku, database, orm } = fixture;
  await database.setClock(later(60 * DAYS));
  await engine.submit(countOf(sku, 5));
  const strays = () => database.query('select 1 from only stock_movement_default');
  expect(await strays()).toHaveLength(1);
  await addLedgerMonths(orm.em.fork());
  await addLedgerMonths(orm.em.fork());
  expect(await strays()).toHaveLength(0);
  expect(await months()).toEqual(['2026-11', '2026-12', '2027-01', '2027-02', '2027-03', '2027-04']);
  expect(await auditOf(orm)).toEqual([]);
});

test('only the oldest month is detached, and not a young one', async () => {
  await expect(detach('2026-12')).rejects.toThrow('2026-12 is not the oldest month');
  await expect(detach('2026-11')).rejects.toThrow('ended less than 90 days ago');
});

test('after a month is detached the audit is consistent, and still finds what is tampered with', async () => {
  const { engine, sku, database, orm } = fixture;
  await engine.submit(countOf(sku, 20));
  await engine.submit(countOf('S50', 20));
  const ended = idOf(await engine.submit(reserveOf(sku, 1)));
  await engine.submit({ type: 'release', reservationId: ended, reason: undefined });
  const paid = idOf(await engine.submit(reserveOf(sku, 2)));
  await confirm(paid);
  const alsoPaid = idOf(await engine.submit(reserveOf(sku, 3)));
  await confirm(alsoPaid);
  await database.setClock(later(20 * DAYS));
  await engine.submit(reserveOf('S50', 4));
  const endsInDecember = idOf(await engine.submit(reserveOf(sku, 1)));
  await confirm(endsInDecember);
  expect(await auditChanged(orm.em.fork())).toMatchObject({ consistent: true });

  await database.setClock(NEXT_SPRING);
  const detached = await detach('2026-11');
  expect(detached).toMatchObject({ month: '2026-11', table: 'stock_movement_2026_11' });
  expect(detached.closingRows).toBeGreaterThan(0);
  expect(await months()).not.toContain('2026-11');
  expect(await auditOf(orm)).toEqual([]);
  const [left] = await database.query<{ count: number }>('select count(*)::int from stock_movement_2026_11');
  expect(left!.count).toBe(detached.movements);

  // live before and after: proved by its closing rows and by the ledger since
  await cancel(alsoPaid);
  expect(await auditOf(orm)).toEqual([]);
  expect(await auditChanged(orm.em.fork())).toMatchObject({ consistent: true });

  await cancel(endsInDecember);
  await detach('2026-12');
  expect(await auditOf(orm)).toEqual([]);
  for (const tampering of tamperings)
    expect([tampering, await findsAfter(tampering, sku)]).toEqual([tampering, true]);
  expect(await auditOf(orm)).toEqual([]);
});

const tamperings = [
  'update stock_balance set on_hand = on_hand + 1 where sku = ?',
  'update stock_balance set confirmed = confirmed - 1 where sku = ?',
  'update stock_level set on_hand = on_hand - 1 where sku = ?',
  'update stock_closing set delta = delta + 1 where sku = ?',
  'delete from stock_closing where sku = ?',
  // the reservation that is still live
  'update reservation_line set reserved = reserved + 1, released = released + 1 where sku = ? and released < reserved',
  // one that has ended
  'update reservation_line set released = 0 where sku = ? and released = reserved',
];

/** Whether the full audit finds a change, which is undone. */
async function findsAfter(tampering: string, sku: string): Promise<boolean> {
  const undone = new Error('undone');
  let found = false;
  const trial = fixture.orm.em.fork().transactional(async (em) => {
    await em.execute(tampering, [sku]);
    found = !(await auditStock(em, undefined)).consistent;
    throw undone;
  });
  await expect(trial).rejects.toBe(undone);
  return found;
}

test('a detachment waits for whoever reads the ledger, and the engine does not wait for it', async () => {
  const { engine, sku, database, orm } = fixture;
  await database.setClock(later(300 * DAYS));
  const reader = await connect(database.url);
  await reader.query('begin');
  await reader.query('select count(*) from stock_movement');
  const detaching = detach('2027-01');
  await until(async () => (await lockWaits()) > 0);
  await engine.submit(countOf(sku, 3));
  await reader.query('commit');
  await reader.end();
  expect(await detaching).toMatchObject({ month: '2027-01' });
  expect(await auditOf(orm)).toEqual([]);
});

const lockWaits = async () => {
  const [row] = await fixture.database.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query like '%detach partition%'`,
  );
  return row!.count;
};

test('the command lists months, and says what it cannot do', async () => {
  const { database } = fixture;
  await database.setClock(undefined);
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['dist/src/cli/ledger.js', ...args], {
      env: { ...process.env, DATABASE_URL: database.url },
    });
  const { stdout } = await run('list');
  expect(JSON.parse(stdout)).toEqual(
    (await months()).map((month) => expect.objectContaining({ month }) as object),
  );
  await expect(run('detach', '2025-01')).rejects.toMatchObject({
    stderr: expect.stringContaining('2025-01 is not the oldest month'),
  });
  await expect(run('detach', '2025')).rejects.toMatchObject({
    stderr: expect.stringContaining('Usage'),
  });
});
