import { EventEmitter, once } from 'node:events';
import { appendFile, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { filesConnector, watch } from '../../connectors/files/index.ts';
import { FatalError, RetriableError } from '../../connectors/spi/index.ts';
import { compileMapping } from '../../src/sync/mapping/index.ts';
import { never, readAll, streamOf } from '../support/connectors/read-all.ts';
import { tempFolder } from '../support/connectors/temp-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await tempFolder();
});

const SKUS = '商品编码,商品名称\nA1,卫衣\nA2,杯子\n';
const put = (name: string, content: string) => writeFile(path.join(folder, name), content);
const ids = (result: { records: { id: string }[] }) => result.records.map((record) => record.id);

describe('spec, check and discover', () => {
  it('says what its configuration looks like', () => {
    const validate = new Ajv2020().compile(filesConnector.spec.configSchema);
    expect(validate({ folder: 'exports' })).toBe(true);
    expect(validate({ folder: 7 })).toBe(false);
    expect(validate({})).toBe(false);
  });

  it('checks a folder and names the files nobody reads', async () => {
    await put('skus.csv', SKUS);
    await put('holiday-plan.csv', 'a,b\n');
    await put('~$skus.xlsx', '');
    expect(await filesConnector.open({ folder }).check(never)).toEqual({
      ok: true,
      message: '1 of 2 files feed a stream; no mapping for holiday-plan.csv',
    });
    expect(await filesConnector.open({ folder: path.join(folder, 'none') }).check(never)).toMatchObject({
      ok: false,
    });
    expect(() => filesConnector.open({})).toThrow('folder: ');
  });

  it('gives the shipped streams, what is referred to first, each with a mapping that compiles', async () => {
    const streams = await filesConnector.open({ folder }).discover(never);
    expect(streams.map((stream) => stream.name)).toEqual([
      'skus',
      'nodes',
      'carrier-services',
      'stock-levels',
      'inbound-purchase-orders',
      'crm-customers',
      'orders-douyin',
      'orders-jd',
      'orders-store',
      'orders-tmall',
      'tickets',
      'returns',
      'refunds',
      'tracking',
    ]);
    for (const stream of streams)
      expect(compileMapping(stream.mapping, stream.mappingOrigin).entity).toBe(stream.entity);
  });

  it('lets a merchant replace, add and switch off streams', async () => {
    const mapping = { entity: 'sku', id: 'code', fields: { code: 'code', title: 'title' } };
    await mkdir(path.join(folder, 'mappings'));
    await put('mappings/my-skus.json', JSON.stringify({ stream: 'skus', files: 'goods-*.csv', mapping }));
    await put(
      'mappings/more.json',
      JSON.stringify({ stream: 'more-skus', files: ['more?.csv', 'x.{csv,tsv}'], mapping }),
    );
    await put(
      'mappings/off.json',
      JSON.stringify({ stream: 'tickets', files: 'x', enabled: false, mapping }),
    );
    await put('GOODS-2026.csv', 'code,title\nB1,茶\n');
    await put('skus.csv', SKUS);
    await put('more1.csv', 'code,title\nC1,茶\n');
    await put('x.tsv', 'code\ttitle\nC2\t茶\n');
    expect(ids(await readAll(await streamOf(folder, 'skus')))).toEqual(['B1']);
    expect(ids(await readAll(await streamOf(folder, 'more-skus')))).toEqual(['C1', 'C2']);
    const names = (await filesConnector.open({ folder }).discover(never)).map((stream) => stream.name);
    expect(names.slice(0, 3)).toEqual(['more-skus', 'skus', 'nodes']);
    expect(names).not.toContain('tickets');
  });

  it.each([
    ['cut off', '{"stream": "orders-jd",', 'orders-jd', /^mappings\/mine\.json: .*position 23/],
    [
      'of no entity',
      '{"stream": "orders-jd", "files": "x.csv", "mapping": {"entity": "odrer", "fields": {}}}',
      'orders-jd',
      /^mappings\/mine\.json: mapping\.entity: /,
    ],
    ['without a name', '[]', 'mappings/mine.json', /^mappings\/mine\.json: document: /],
  ])('lets a mapping file %s stop its own stream only', async (_what, text, name, says) => {
    await mkdir(path.join(folder, 'mappings'));
    await put('mappings/mine.json', text);
    await put('skus.csv', SKUS);
    const stream = await streamOf(folder, name);
    const reading = readAll(stream);
    await expect(reading).rejects.toBeInstanceOf(FatalError);
    await expect(reading).rejects.toThrow(says);
    expect(await filesConnector.open({ folder }).check(never)).toEqual({
      ok: false,
      message: expect.stringMatching(says),
    });
    expect(ids(await readAll(await streamOf(folder, 'skus')))).toEqual(['A1', 'A2']);
  });
});

describe('what is read again', () => {
  it('reads an unchanged file once', async () => {
    await put('skus.csv', SKUS);
    const stream = await streamOf(folder, 'skus');
    const first = await readAll(stream);
    expect(ids(first)).toEqual(['A1', 'A2']);
    expect(first.records[0]).toMatchObject({
      origin: 'skus.csv row 2',
      version: expect.stringMatching(/^[0-9a-f]{64}@\d+/),
    });
    const pages = [];
    for await (const page of filesConnector
      .open({ folder: stream.config.folder })
      .read(stream, first.cursor, never))
      pages.push(page);
    expect(pages).toEqual([]);
  });

  it('does not read a file again that was only touched, and remembers its new time', async () => {
    await put('skus.csv', SKUS);
    const stream = await streamOf(folder, 'skus');
    const { cursor } = await readAll(stream);
    await utimes(path.join(folder, 'skus.csv'), new Date(), new Date('2026-01-01T00:00:00Z'));
    const again = await readAll(stream, cursor);
    expect(ids(again)).toEqual([]);
    expect(again.cursor).not.toEqual(cursor);
  });

  it('takes content that comes back later for something new: a count of 10, then 8, then 10 again', async () => {
    const versions = new Set<unknown>();
    const stream = await streamOf(folder, 'skus');
    let cursor: Awaited<ReturnType<typeof readAll>>['cursor'] = null;
    for (const [day, text] of [SKUS, SKUS.replace('杯子', '保温杯'), SKUS].entries()) {
      await put('skus.csv', text);
      await utimes(path.join(folder, 'skus.csv'), new Date(), new Date(Date.UTC(2026, 0, day + 1)));
      const read = await readAll(stream, cursor);
      versions.add(read.records[0]?.version);
      cursor = read.cursor;
    }
    expect(versions.size).toBe(3);
  });

  it('reads a changed file whole, and only that one', async () => {
    await put('skus.csv', SKUS);
    await put('skus-2.csv', '商品编码,商品名称\nB1,茶\n');
    const stream = await streamOf(folder, 'skus');
    const { cursor } = await readAll(stream);
    await put('skus.csv', SKUS.replace('杯子', '保温杯'));
    const again = await readAll(stream, cursor);
    expect(ids(again)).toEqual(['A1', 'A2']);
    expect(again.records[1]?.data['商品名称']).toBe('保温杯');
  });

  it('reads everything again under a changed mapping, and with a cursor it does not understand', async () => {
    await put('skus.csv', SKUS);
    const stream = await streamOf(folder, 'skus');
    const { cursor } = await readAll(stream);
    const changed = {
      ...stream,
      mapping: { ...stream.mapping, fields: { ...stream.mapping.fields, title: '商品编码' } },
    };
    expect(ids(await readAll(changed, cursor))).toEqual(['A1', 'A2']);
    expect(ids(await readAll(stream, { page: 3 }))).toEqual(['A1', 'A2']);
  });

  it('forgets a file that is gone', async () => {
    await put('skus.csv', SKUS);
    const stream = await streamOf(folder, 'skus');
    const { cursor } = await readAll(stream);
    await rm(path.join(folder, 'skus.csv'));
    expect(JSON.stringify((await readAll(stream, cursor)).cursor)).not.toContain('skus.csv');
  });

  it('counts a file as read only after its last page', async () => {
    await put(
      'skus.csv',
      `商品编码,商品名称\n${Array.from({ length: 1200 }, (_, i) => `N${i},货`).join('\n')}\n`,
    );
    const stream = await streamOf(folder, 'skus');
    const pages = [];
    for await (const page of filesConnector.open({ folder: stream.config.folder }).read(stream, null, never))
      pages.push(page);
    // The first says only that the file is begun.
    expect(pages.map((page) => page.records.length)).toEqual([0, 500, 500, 200, 0]);
    const read = pages.map((page) => Object.keys((page.cursor as { files: object }).files));
    expect(read).toEqual([[], [], [], [], ['skus.csv']]);
    expect(ids(await readAll(stream, pages[2]!.cursor)).length).toBe(1200);
  });

  it('leaves a file alone that is still being written, and reads it when it is done', async () => {
    const file = path.join(folder, 'skus.csv');
    await put('skus.csv', SKUS);
    const stream = await streamOf(folder, 'skus', 100);
    const writing = setInterval(() => void appendFile(file, 'A3,半'), 5);
    const early = await readAll(stream).finally(() => clearInterval(writing));
    expect(early).toMatchObject({ records: [], rejects: [] });
    await put('skus.csv', SKUS);
    expect(ids(await readAll(stream, early.cursor))).toEqual(['A1', 'A2']);
  });
});

describe('trouble', () => {
  it('is retriable when the folder is missing', async () => {
    const stream = await streamOf(path.join(folder, 'not-mounted'), 'skus');
    await expect(readAll(stream)).rejects.toBeInstanceOf(RetriableError);
  });

  it('with one file does not keep the others from being read, and is told once', async () => {
    await put('skus-1.xlsx', 'not a workbook');
    await put('skus-2.csv', SKUS);
    const stream = await streamOf(folder, 'skus');
    const first = await readAll(stream);
    expect(ids(first)).toEqual(['A1', 'A2']);
    expect(first.rejects.map((reject) => reject.origin)).toEqual(['skus-1.xlsx']);
    expect((await readAll(stream, first.cursor)).rejects).toEqual([]);
  });

  it('stops when it is told to', async () => {
    await put('skus.csv', SKUS);
    const stream = await streamOf(folder, 'skus');
    const stopped = AbortSignal.abort(new Error('shutting down'));
    const pages = filesConnector.open({ folder: stream.config.folder }).read(stream, null, stopped);
    const reading = pages[Symbol.asyncIterator]();
    await expect(reading.next()).rejects.toThrow('shutting down');
  });
});

describe('watching a folder', () => {
  it('tells of a file once it is written, of changes and of mappings, and stops with the signal', async () => {
    const stop = new AbortController();
    const changes = new EventEmitter();
    const seen: string[] = [];
    changes.on('file', (file: string) => seen.push(file));
    const told = async (file: string) => {
      while (!seen.includes(file)) await once(changes, 'file');
      seen.length = 0;
    };
    await put('old.csv', 'a\n');
    await watch(folder, (file) => changes.emit('file', file), stop.signal, { settleMs: 40 });
    await put('skus.csv', SKUS);
    await told('skus.csv');
    await put('skus.csv', `${SKUS}A3,茶\n`);
    await told('skus.csv');
    await mkdir(path.join(folder, 'mappings'));
    await put('mappings/mine.json', '{}');
    await told('mappings/mine.json');
    expect((await stat(path.join(folder, 'old.csv'))).size).toBe(2);
    expect(seen).not.toContain('old.csv');
    stop.abort();
  });

  it('is retriable when the folder is missing', async () => {
    await expect(watch(path.join(folder, 'none'), () => {}, never)).rejects.toBeInstanceOf(RetriableError);
  });
});
