import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RetriableError, type Cursor, type RawRecord } from '../../../connectors/spi/index.ts';
import { importSkus } from '../../../src/inventory/index.ts';
import { postgresTransport } from '../../../src/platform/bus/postgres-transport.ts';
import { startSignalBus } from '../../../src/platform/bus/signal-bus.ts';
import { connectOrm, type Orm } from '../../../src/platform/database/database.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { databaseModel } from '../../../src/model.ts';
import { ConnectorRuntime, type RecordImporters, type RuntimeDeps } from '../../../src/sync/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { until } from '../../support/until.ts';
import { TestSource, pageOf, skuRecord, streamNamed } from '../../support/sync/source.ts';

let database: TestDatabase;
let orm: Orm;
let source: TestSource;
let runtime: ConnectorRuntime;
let folder: string;
/** What the source has, by id. */
let shop: Map<string, RawRecord>;
let readBacks: string[][];
let failure: Error | undefined;
let elected: boolean;

beforeAll(async () => {
  database = await createTestDatabase();
  orm = await connectOrm(database.url, databaseModel);
});
afterAll(async () => {
  await orm?.close();
  await database?.drop();
});
beforeEach(async () => {
  await database.query('truncate connector_stream, connector_control, dead_letter, raw_record, push_hint');
  folder = await mkdtemp(path.join(tmpdir(), 'mappings-'));
  shop = new Map();
  readBacks = [];
  failure = undefined;
  elected = true;
  source = new TestSource();
  source.source.webhook = {
    receive: async () => ({ hints: [] }),
    readBack: async (_stream, ids) => {
      if (failure) throw failure;
      readBacks.push([...ids]);
      return ids.flatMap((id) => shop.get(id) ?? []);
    },
  };
  runtime = runtimeOf({ isElected: () => elected });
});
afterEach(async () => {
  await runtime.stop();
  await rm(folder, { recursive: true, force: true });
});

const runtimeOf = (more: Pick<RuntimeDeps, 'bus' | 'isElected'>) =>
  new ConnectorRuntime({
    id: 'test',
    kind: 'COMMERCE',
    source: source.source,
    em: orm.em,
    importers: {
      sku: (em, records) => importSkus(em, records),
    } as Partial<RecordImporters> as RecordImporters,
    log: createLogger('silent'),
    rawDays: 30,
    mappingsFolder: folder,
    ...more,
  });
const titleOf = async (code: string) => {
  const [row] = await database.query<{ title: string }>('select title from sku where code = $1', [code]);
  return row?.title;
};
const pending = async () => {
  const [row] = await database.query<{ count: number }>(
    'select count(*)::int as count from push_hint where taken_at is null',
  );
  return row!.count;
};
const hint = (pushId: string | null, ...recordIds: string[]) => ({ pushId, stream: 'skus', recordIds });
const put = (id: string, title: string) => shop.set(id, skuRecord(id, title));

describe('a push', () => {
  beforeEach(() => runtime.start());

  test('is read back from the source: what it says is not believed', async () => {
    put('P1', 'as it is now');
    await runtime.take([hint('push-1', 'P1', 'GONE')]);
    await until(async () => (await titleOf('P1')) === 'as it is now');
    await until(async () => (await pending()) === 0);
    expect(readBacks).toEqual([['P1', 'GONE']]);
  });

  test('that comes twice, or after others, changes nothing more', async () => {
    put('P2', 'first');
    await runtime.take([hint('push-2', 'P2')]);
    await until(async () => (await titleOf('P2')) === 'first');
    await until(async () => (await pending()) === 0);
    put('P2', 'second');
    await runtime.take([hint('push-2', 'P2')]);
    expect(await pending()).toBe(0);
    await runtime.take([hint('push-3', 'P2')]);
    await until(async () => (await titleOf('P2')) === 'second');
  });

  test('without an id of its own is looked at each time', async () => {
    put('P3', 'a');
    await runtime.take([hint(null, 'P3')]);
    await until(async () => (await titleOf('P3')) === 'a');
    put('P3', 'b');
    await runtime.take([hint(null, 'P3')]);
    await until(async () => (await titleOf('P3')) === 'b');
  });

  test('that names no record has the stream read on', async () => {
    const cursors: (Cursor | null)[] = [];
    await until(() => runtime.streamNames().length === 1);
    source.reads.set('skus', async function* (cursor) {
      cursors.push(cursor);
      yield pageOf([skuRecord('P4', 'by the stream')]);
    });
    await runtime.take([hint('push-4')]);
    await until(async () => (await titleOf('P4')) === 'by the stream');
    expect(readBacks).toEqual([]);
  });

  test('that comes to a process which does not read the source is read back by the one that does', async () => {
    const log = createLogger('silent');
    const buses = await Promise.all([0, 1].map(() => startSignalBus(postgresTransport(database.url), log)));
    const [reading, other] = buses.map((bus, at) => runtimeOf({ bus, isElected: () => at === 0 }));
    elected = false;
    try {
      await Promise.all([reading!.start(), other!.start()]);
      await until(() => reading!.streamNames().length === 1);
      put('P60', 'told elsewhere');
      await other!.take([hint('push-60', 'P60')]);
      await until(async () => (await titleOf('P60')) === 'told elsewhere');
    } finally {
      await Promise.all([reading!.stop(), other!.stop()]);
      await Promise.all(buses.map((bus) => bus.close()));
    }
  });

  test('that cannot be read back stays, is named, and is tried again', async () => {
    failure = new RetriableError('The shop is down.');
    put('P5', 'late');
    await runtime.take([hint('push-5', 'P5')]);
    await until(() => runtime.healthOf('skus')?.reason === 'The shop is down. It is tried again.');
    expect(await pending()).toBe(1);
    failure = undefined;
    runtime.wake('PUSHES');
    await until(async () => (await titleOf('P5')) === 'late');
  });
});

describe('a push that carries its records', () => {
  const carrying = (pushId: string, ...records: RawRecord[]) => ({
    ...hint(pushId, ...records.map(({ id }) => id)),
    records,
  });

  test('has them taken in as they came: nobody is asked for them', async () => {
    await runtime.start();
    await runtime.take([carrying('push-r1', skuRecord('R1', 'as it came'))]);
    await until(async () => (await titleOf('R1')) === 'as it came');
    await until(async () => (await pending()) === 0);
    expect(readBacks).toEqual([]);
    expect(await database.query('select records from push_hint')).toEqual([{ records: null }]);
    expect(await database.query('select record_id from raw_record')).toEqual([{ record_id: 'R1' }]);
  });

  test('comes beside hints of the same stream, which are read back', async () => {
    put('R2', 'read back');
    await runtime.take([carrying('push-r2', skuRecord('R3', 'carried')), hint('push-r3', 'R2')]);
    await runtime.start();
    await until(async () => (await titleOf('R2')) === 'read back');
    expect(await titleOf('R3')).toBe('carried');
    expect(readBacks).toEqual([['R2']]);
  });

  test('told twice, is one', async () => {
    const push = carrying('push-r4', skuRecord('R4', 'first'));
    await runtime.take([push]);
    await runtime.take([{ ...push, records: [skuRecord('R4', 'second')] }]);
    expect(await pending()).toBe(1);
    await runtime.start();
    await until(async () => (await titleOf('R4')) === 'first');
  });

  test('loses nothing to a mapping that is broken: it is taken in when that is mended', async () => {
    await writeFile(
      path.join(folder, 'skus.json'),
      '{"schemaVersion": 1, "change": {"fields": {"title": "$nope("}}}',
    );
    await runtime.start();
    await runtime.take([carrying('push-r5', skuRecord('R5', 'patient'))]);
    await until(() => runtime.healthOf('skus')?.degraded === true);
    expect(await pending()).toBe(1);
    await rm(path.join(folder, 'skus.json'));
    runtime.wake('PUSHES');
    await until(async () => (await titleOf('R5')) === 'patient');
  });

  test('has what cannot be taken kept as a dead letter, and the rest taken', async () => {
    const bad = { id: 'R6', origin: 'pushed R6', data: { title: 'no code' } };
    await runtime.start();
    await runtime.take([carrying('push-r6', bad, skuRecord('R7', 'good'))]);
    await until(async () => (await titleOf('R7')) === 'good');
    const letters = await database.query<{ origin: string }>('select origin from dead_letter');
    expect(letters).toEqual([{ origin: 'pushed R6' }]);
    await until(async () => (await pending()) === 0);
  });
});

test('what a push brought while the hub was down is read back when it is up again', async () => {
  put('P6', 'kept');
  await runtime.take([hint('push-6', 'P6')]); // not started: nobody reads it back
  expect(await titleOf('P6')).toBeUndefined();
  await runtime.start();
  await until(async () => (await titleOf('P6')) === 'kept');
});

describe('records as the source had them', () => {
  test('are mapped again when the mapping changes, without the source', async () => {
    let reads = 0;
    source.reads.set('skus', async function* (cursor) {
      if (cursor === null) yield pageOf([skuRecord('R1', 'one'), skuRecord('R2', 'two')]);
      else reads += 1;
    });
    await runtime.sync();
    await runtime.sync();
    expect(await titleOf('R1')).toBe('one');
    source.streams = [streamNamed('skus', { code: 'code', title: '$uppercase(title)' })];
    await runtime.sync();
    expect([await titleOf('R1'), await titleOf('R2')]).toEqual(['ONE', 'TWO']);
    expect(reads).toBe(2);
  });

  test('are kept in their newest state, also those that could not be taken', async () => {
    const titles: unknown[] = ['old', 'new', ''];
    source.reads.set('skus', async function* () {
      const data = { code: 'R3', title: titles.shift() };
      yield pageOf([{ id: 'R3', origin: 'shop', data } as RawRecord]);
    });
    for (let read = 0; read < 3; read++) await runtime.sync();
    const rows = await database.query(`select record->'data'->>'title' as title from raw_record`);
    expect(rows).toEqual([{ title: '' }]);
    expect(await database.query('select reason from dead_letter')).toHaveLength(1);
  });

  test('are forgotten after their time', async () => {
    source.reads.set('skus', async function* (cursor) {
      if (cursor === null) yield pageOf([skuRecord('R4')]);
    });
    await runtime.sync();
    await database.query(`update raw_record set read_at = hub_now() - interval '31 days'`);
    await runtime.sync();
    expect(await database.query('select from raw_record')).toEqual([]);
  });
});

describe("a merchant's change of a mapping", () => {
  const change = (document: object) => writeFile(path.join(folder, 'skus.json'), JSON.stringify(document));
  beforeEach(() => {
    source.streams = [{ ...streamNamed('skus'), schemaVersion: 2 }];
    source.reads.set('skus', async function* () {
      yield pageOf([{ ...skuRecord('M1', 'plain'), data: { code: 'M1', title: 'plain', grams: 120 } }]);
    });
  });
  const lastError = async () => {
    const [row] = await database.query<{ last_error: string | null }>(
      'select last_error from connector_stream',
    );
    return row!.last_error;
  };

  test('adds a field without code', async () => {
    await change({ schemaVersion: 2, change: { fields: { weightGrams: 'grams' } } });
    await runtime.sync();
    expect(await database.query(`select title, weight_grams from sku where code = 'M1'`)).toEqual([
      { title: 'plain', weight_grams: 120 },
    ]);
  });

  test('may be a whole mapping', async () => {
    const mapping = { entity: 'sku', fields: { code: 'code', title: `title & '!'` } };
    await change({ schemaVersion: 2, mapping });
    await runtime.sync();
    expect(await titleOf('M1')).toBe('plain!');
  });

  test.each([
    ['for other records', { schemaVersion: 1, change: {} }, /written for version 1 .* gives version 2/],
    ['of an unknown field', { schemaVersion: 2, change: { fields: { colour: 'grams' } } }, /no field colour/],
    ['that says nothing', { schemaVersion: 2 }, /neither `mapping` nor `change`/],
    ['with a word too many', { schemaVersion: 2, changes: {} }, /changes/],
  ])('%s is named, and the stream is not read in another way', async (_what, document, message) => {
    await change(document);
    await runtime.sync();
    expect(await lastError()).toMatch(message);
    expect(await titleOf('M1')).not.toBe('x');
    expect(await database.query('select from raw_record')).toEqual([]);
  });
});

describe('a source that is paused', () => {
  test('is not read, says so in every answer, and goes on where it stood', async () => {
    let reads = 0;
    source.reads.set('skus', async function* () {
      reads += 1;
      yield pageOf([skuRecord(`Q${reads}`)]);
    });
    await runtime.start();
    await until(() => reads === 1 && runtime.healthOf('skus')?.asOf != null);
    await runtime.setPaused(true);
    await runtime.take([hint('push-q', 'Q9')]);
    expect(runtime.healthOf('skus')).toMatchObject({ degraded: true, reason: 'The source is paused.' });
    await runtime.setPaused(false);
    await until(() => reads === 2);
    await until(async () => (await pending()) === 0);
    expect(runtime.healthOf('skus')).toMatchObject({ degraded: false });
  });
});

test('a process that does not read the source tells what the one that does has noted', async () => {
  source.reads.set('skus', async function* () {
    yield pageOf([skuRecord('E1')]);
  });
  await runtime.sync();
  await database.query(`update connector_stream set last_error = 'The shop is down.'`);
  elected = false;
  await runtime.start();
  await until(() => runtime.healthOf('skus')?.reason === 'The shop is down.');
});

test('a stream is read from what has changed since an instant, where its source can say that', async () => {
  const cursors: (Cursor | null)[] = [];
  source.source.cursorFrom = (_stream, since) => since.toISOString();
  source.reads.set('skus', async function* (cursor) {
    cursors.push(cursor);
    yield pageOf([], 'end');
  });
  await runtime.sync();
  await runtime.resync('skus', new Date('2026-11-01T00:00:00Z'));
  await runtime.sync();
  expect(cursors).toEqual([null, '2026-11-01T00:00:00.000Z', 'end']);
});
