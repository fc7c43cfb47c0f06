import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { SkuRecord } from '../../../connectors/spi/index.ts';
import { importSkus } from '../../../src/inventory/index.ts';
import { databaseModel } from '../../../src/model.ts';
import { connectOrm, type EntityManager, type Orm } from '../../../src/platform/database/database.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import type { RecordImporters } from '../../../src/sync/index.ts';
import { compileMapping } from '../../../src/sync/mapping/index.ts';
import { ingestPage } from '../../../src/sync/ingest/ingest-page.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { connect } from '../../support/inventory/engine.ts';
import { until } from '../../support/until.ts';
import { pageOf, skuRecord } from '../../support/sync/source.ts';

let database: TestDatabase;
let orm: Orm;
const ID = { connector: 'test', stream: 'skus' };
const mapping = compileMapping({ entity: 'sku', fields: { code: 'code', title: 'title' } }, 'skus.json');
const log = createLogger('silent');

beforeAll(async () => {
  database = await createTestDatabase();
  orm = await connectOrm(database.url, databaseModel);
});
afterAll(async () => {
  await orm?.close();
  await database?.drop();
});
beforeEach(() => database.query('truncate connector_stream, dead_letter, sku cascade'));

const codes = async () =>
  (await database.query('select code from sku order by code')).map(({ code }) => code);
const letters = () => database.query('select key, reason from dead_letter order by key');
const cursor = async () => (await database.query('select cursor from connector_stream'))[0]?.cursor;
const withSkus = (
  sku: (em: EntityManager, records: readonly SkuRecord[]) => ReturnType<RecordImporters['sku']>,
) => ({
  em: orm.em,
  log,
  importers: { sku } as Partial<RecordImporters> as RecordImporters,
});
const sqlError = (code: string) => Object.assign(new Error('the database refused'), { code });

test.each(['40P01', '40001', '55P03'])(
  'a page that meets %s is tried again, and is no dead letter',
  async (code) => {
    let attempts = 0;
    const parts = withSkus(async (em, records) => {
      const result = await importSkus(em, records);
      if (++attempts < 3) throw sqlError(code);
      return result;
    });
    await ingestPage(parts, ID, mapping, pageOf([skuRecord('A'), skuRecord('B')]));
    expect(attempts).toBe(3);
    expect(await codes()).toEqual(['A', 'B']);
    expect(await letters()).toEqual([]);
    expect(await cursor()).toBe('end');
  },
);

test('a conflict that does not pass fails the page, after a bounded number of attempts, and keeps nothing', async () => {
  let attempts = 0;
  const parts = withSkus(async (em, records) => {
    attempts++;
    await importSkus(em, records);
    throw sqlError('40P01');
  });
  await expect(ingestPage(parts, ID, mapping, pageOf([skuRecord('A'), skuRecord('B')]))).rejects.toThrow(
    'refused',
  );
  expect(attempts).toBe(5);
  expect(await codes()).toEqual([]);
  expect(await letters()).toEqual([]);
  expect(await cursor()).toBeUndefined();
});

test('a deadlock between a page and another session loses no record', async () => {
  await database.query(`insert into sku (code, title) values ('A', 'old'), ('B', 'old')`);
  const other = await connect(database.url);
  await other.query(`set deadlock_timeout = '1min'; begin; update sku set title = 'other' where code = 'B'`);
  const parts = withSkus(async (em, records) => {
    for (const record of records) await importSkus(em, [record]);
    return { accepted: records.length, rejected: [] };
  });
  const taking = ingestPage(parts, ID, mapping, pageOf([skuRecord('A', 'new'), skuRecord('B', 'new')]));
  const waits = 'select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))';
  await until(async () => (await other.query(waits)).rows.length > 0);
  await other.query(`update sku set title = 'other' where code = 'A'`); // the page is the one that is refused
  await other.query('commit');
  await other.end();
  await taking;
  expect(await database.query('select code, title from sku order by code')).toEqual([
    { code: 'A', title: 'new' },
    { code: 'B', title: 'new' },
  ]);
  expect(await letters()).toEqual([]);
});

test('a record at fault is found in transactions of their own, which hold no lock of the record before', async () => {
  const locksBefore: number[] = [];
  const parts = withSkus(async (em, records) => {
    if (records.length === 1) {
      const [held] = await database.query<{ count: number }>(
        `select count(*)::int as count from pg_locks l join pg_stat_activity a using (pid)
         where a.datname = current_database() and l.mode = 'RowExclusiveLock' and l.relation = 'sku'::regclass`,
      );
      locksBefore.push(held!.count);
    }
    const result = await importSkus(em, records);
    if (records.some(({ code }) => code === 'BAD')) throw new Error('a defect');
    return result;
  });
  const page = pageOf([skuRecord('A'), skuRecord('BAD'), skuRecord('C')]);
  await ingestPage(parts, ID, mapping, page);
  expect(locksBefore).toEqual([0, 0, 0]);
  expect(await codes()).toEqual(['A', 'C']);
  expect(await letters()).toEqual([
    { key: 'record BAD at row BAD', reason: 'The hub could not store this record; its log has the defect.' },
  ]);
  expect(await cursor()).toBe('end');
});

test('a conflict of one record, met while the one at fault is looked for, makes no dead letter of it', async () => {
  let conflicts = 0;
  const parts = withSkus(async (em, records) => {
    if (records.length > 1) throw new Error('a defect');
    if (records[0]!.code === 'B' && conflicts++ < 2) throw sqlError('40P01');
    return importSkus(em, records);
  });
  await ingestPage(parts, ID, mapping, pageOf([skuRecord('A'), skuRecord('B')]));
  expect(await codes()).toEqual(['A', 'B']);
  expect(await letters()).toEqual([]);
});

test('what a page has changed is told once it is committed, and not before', async () => {
  const told: string[] = [];
  const parts = withSkus(async (em, records) => ({
    ...(await importSkus(em, records)),
    afterCommit: () => told.push('skus'),
  }));
  const blocker = await connect(database.url);
  await blocker.query('begin; lock table connector_stream in exclusive mode'); // the cursor comes last
  const taking = ingestPage(parts, ID, mapping, pageOf([skuRecord('A')]));
  const waits = 'select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))';
  await until(async () => (await blocker.query(waits)).rows.length > 0);
  expect(told).toEqual([]);
  await blocker.query('rollback');
  await blocker.end();
  await taking;
  expect(told).toEqual(['skus']);
});

test('what is rolled back is told to nobody', async () => {
  const told: string[] = [];
  const parts = withSkus(async (em, records) => ({
    ...(await importSkus(em, records)),
    afterCommit: () => told.push('skus'),
  }));
  await database.query('alter table connector_stream rename to connector_stream_hidden');
  try {
    await expect(ingestPage(parts, ID, mapping, pageOf([skuRecord('A')]))).rejects.toMatchObject({
      cause: { message: expect.stringContaining('connector_stream') },
    });
  } finally {
    await database.query('alter table connector_stream_hidden rename to connector_stream');
  }
  expect(await codes()).toEqual([]);
  expect(told).toEqual([]);
});

test('a broken text is kept as a dead letter, whatever PostgreSQL cannot store of it', async () => {
  const parts = withSkus(async () => ({ accepted: 0, rejected: [{ index: 0, reason: 'no' }] }));
  const cut = `${'x'.repeat(1970)}${'\u{1f375}'.repeat(9)}`; // shortened in the middle of an emoji
  const bad = { id: 'A', origin: 'row A', data: { code: 'A', title: cut, 'a\0b': '\\u0000 \0 \ud83c' } };
  const reject = { origin: 'row 2', reason: 'no row', raw: 'a\0b' };
  await ingestPage(parts, ID, mapping, { ...pageOf([bad]), rejects: [reject] });
  const rows = await database.query(`select raw, record->'data' as data from dead_letter order by origin`);
  expect(rows).toEqual([
    { raw: 'a\ufffdb', data: null },
    {
      raw: expect.stringMatching(/x{1970}\u{1f375}{4}\ufffd$/u),
      data: { code: 'A', title: cut, 'a\ufffdb': '\\u0000 \ufffd \ufffd' },
    },
  ]);
});
