import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Cursor } from '../../../connectors/spi/index.ts';
import { FatalError } from '../../../connectors/spi/index.ts';
import { databaseModel } from '../../../src/model.ts';
import { connectOrm, type Orm } from '../../../src/platform/database/database.ts';
import { HubError } from '../../../src/platform/errors.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { importSkus } from '../../../src/inventory/index.ts';
import { ConnectorRuntime, type RecordImporters } from '../../../src/sync/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { until } from '../../support/until.ts';
import { TestSource, pageOf, skuRecord, streamNamed } from '../../support/sync/source.ts';

let database: TestDatabase;
let orm: Orm;
let source: TestSource;
let runtime: ConnectorRuntime;
let importers: RecordImporters;

beforeAll(async () => {
  database = await createTestDatabase();
  orm = await connectOrm(database.url, databaseModel);
});
afterAll(async () => {
  await orm?.close();
  await database?.drop();
});
beforeEach(async () => {
  await database.query('truncate connector_stream, dead_letter');
  source = new TestSource();
  importers = {
    sku: (em, records) => importSkus(em, records),
  } as Partial<RecordImporters> as RecordImporters;
  runtime = new ConnectorRuntime({
    id: 'test',
    kind: 'FILES',
    source: source.source,
    em: orm.em,
    importers: new Proxy(importers, { get: (_target, name: 'sku') => importers[name] }),
    log: createLogger('silent'),
  });
});
afterEach(() => runtime.stop());

const stored = async (stream = 'skus') => {
  const [row] = await database.query<{
    cursor: Cursor;
    last_read_at: Date | null;
    last_error: string | null;
  }>('select cursor, last_read_at, last_error from connector_stream where connector = $1 and stream = $2', [
    'test',
    stream,
  ]);
  return row;
};

test('a hint that comes while a sync runs is remembered: the stream is read again', async () => {
  let reads = 0;
  source.reads.set('skus', async function* () {
    reads++;
    if (reads === 1) source.hint(); // of a file that this read does not see any more
    yield pageOf([]);
  });
  await runtime.start();
  await until(() => reads === 2);
});

test('a source that does not say what it has is unhealthy, with its sentence, until it does', async () => {
  await runtime.sync();
  expect(runtime.healthy()).toBe(true);
  source.failure = new FatalError('The password is wrong.');
  await expect(runtime.sync()).rejects.toThrow('The password is wrong.');
  expect(runtime.healthy()).toBe(false);
  expect(runtime.lastFailure()).toBe('The password is wrong. It needs a change of the configuration.');
  expect(runtime.healthOf('skus')).toMatchObject({
    asOf: expect.any(Date),
    degraded: true,
    reason: runtime.lastFailure(),
  });
  source.failure = undefined;
  await runtime.sync();
  expect(runtime.lastFailure()).toBeNull();
  expect(runtime.healthy()).toBe(true);
  expect(runtime.healthOf('skus')).toMatchObject({ degraded: false, reason: null });
});

test('a mapping that does not compile stops its own stream only, and is forgotten with it', async () => {
  source.streams = [streamNamed('broken', { code: 'code +', title: 'title' }), streamNamed('skus')];
  source.reads.set('skus', async function* () {
    yield pageOf([skuRecord('BESIDE-BROKEN')]);
  });
  await runtime.sync();
  expect(await database.query(`select code from sku where code = 'BESIDE-BROKEN'`)).toHaveLength(1);
  expect(runtime.healthy()).toBe(false);
  expect(await stored('broken')).toMatchObject({
    last_error: expect.stringMatching(/^broken\.json: fields\.code/),
  });
  expect(await stored('skus')).toMatchObject({ cursor: 'end', last_error: null });
  source.streams = [streamNamed('skus')];
  await runtime.sync();
  expect(runtime.healthy()).toBe(true);
  expect(await stored('broken')).toMatchObject({ last_error: null });
});

test('an engine that has too much to do is no defect', async () => {
  importers.sku = async () => {
    throw new HubError('OVERLOADED', 'Too many commands are waiting.');
  };
  source.reads.set('skus', async function* () {
    yield pageOf([skuRecord('LATER')]);
  });
  await runtime.sync();
  expect(await stored()).toMatchObject({
    last_error: 'The hub had too much to do to take it in. It is tried again.',
    last_read_at: null,
  });
  expect(await database.query('select from dead_letter')).toEqual([]);
});

test('a resync claims nothing before it has read, and reads from the beginning until it succeeded', async () => {
  const cursors: (Cursor | null)[] = [];
  let failure: Error | undefined;
  source.reads.set('skus', async function* (cursor) {
    cursors.push(cursor);
    if (failure) throw failure;
    yield pageOf([], 'middle');
    yield pageOf([], 'end');
  });
  await runtime.sync();
  const { last_read_at: before } = (await stored())!;
  failure = new FatalError('The folder is gone.');
  await runtime.resync('skus');
  expect(await stored()).toEqual({
    cursor: 'end',
    last_read_at: before,
    last_error: 'The folder is gone. It needs a change of the configuration.',
  });
  failure = undefined;
  await runtime.sync();
  await runtime.sync();
  expect(cursors).toEqual([null, null, null, 'end']);
  expect(await stored()).toMatchObject({ cursor: 'end', last_error: null });
});

test('a resync that is asked for while a sync runs is not undone by its cursor', async () => {
  const cursors: (Cursor | null)[] = [];
  let asked: Promise<void> | undefined;
  source.reads.set('skus', async function* (cursor) {
    cursors.push(cursor);
    yield pageOf([], 'middle');
    asked ??= runtime.resync('skus');
    yield pageOf([], 'end');
  });
  await runtime.sync();
  await asked;
  expect(cursors).toEqual([null, null]);
  await runtime.sync();
  expect(cursors).toEqual([null, null, 'end']);
});
