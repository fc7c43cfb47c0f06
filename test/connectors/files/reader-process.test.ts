import { execFile } from 'node:child_process';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileReader } from '../../../connectors/files/reader/file-reader.ts';
import { FileReaders } from '../../../connectors/files/reader/file-readers.ts';
import { readStream } from '../../../connectors/files/read-stream.ts';
import type { Cursor, Page } from '../../../connectors/spi/index.ts';
import { startHub } from '../../support/hub.ts';
import { until } from '../../support/until.ts';
import { httpClient } from '../../support/client.ts';
import { never, streamOf } from '../../support/connectors/read-all.ts';
import { tempFolder } from '../../support/connectors/temp-folder.ts';

let folder: string;
let made: FileReader[];
let readers: FileReaders;
beforeEach(async () => {
  folder = await tempFolder();
  made = [];
  readers = readersOf();
});
afterEach(() => made.forEach((reader) => reader.kill()));

function readersOf(stallMs?: number): FileReaders {
  return new FileReaders(() => {
    const reader = new FileReader(stallMs);
    made.push(reader);
    return reader;
  });
}

const skus = (count: number) =>
  `商品编码,商品名称\n${Array.from({ length: count }, (_, row) => `N${row},货`).join('\n')}\n`;
const put = (name: string, content: string) => writeFile(path.join(folder, name), content);
const filesOf = (cursor: Cursor) => Object.keys((cursor as { files: object }).files);

/** Reads a stream; `onContent` is called with each page that has any. */
async function read(
  onContent: (page: Page) => void | Promise<void> = () => {},
  { cursor = null as Cursor | null, signal = never, from = readers } = {},
) {
  const ids: string[] = [];
  const reasons: string[] = [];
  let last: Cursor = cursor;
  for await (const page of readStream(await streamOf(folder, 'skus'), cursor, signal, from)) {
    ids.push(...page.records.map(({ id }) => id));
    reasons.push(...page.rejects.map(({ origin, reason }) => `${origin}: ${reason}`));
    last = page.cursor;
    if (page.records.length > 0) await onContent(page);
  }
  return { ids, reasons, cursor: last };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the reader process', () => {
  it('that is killed in the middle of a file costs nothing but a second try', async () => {
    await put('skus.csv', skus(1200));
    const { ids, reasons, cursor } = await read(() => {
      if (made.length === 1) process.kill(made[0]!.pid!, 'SIGKILL');
    });
    expect(made.length).toBe(2);
    expect(new Set(ids).size).toBe(1200);
    expect(reasons).toEqual([]);
    expect(filesOf(cursor)).toEqual(['skus.csv']);
  });

  it('that dies twice sets the file aside, says so once, and goes on with the others', async () => {
    await put('skus-1.csv', skus(1200));
    await put('skus-2.csv', skus(3).replaceAll('N', 'M'));
    const first = await read(({ records }) => {
      if (records[0]!.origin.startsWith('skus-1')) process.kill(made.at(-1)!.pid!, 'SIGKILL');
    });
    expect(first.reasons).toEqual([
      'skus-1.csv: The process that reads files ended 2 times while reading this file (SIGKILL); the file was set aside. Save it anew, or split it.',
    ]);
    expect(first.ids).toEqual(expect.arrayContaining(['M0', 'M1', 'M2']));
    expect(filesOf(first.cursor)).toEqual(['skus-1.csv', 'skus-2.csv']);
    const again = await read(undefined, { cursor: first.cursor });
    expect(again).toMatchObject({ ids: [], reasons: [] });
    await put('skus-1.csv', skus(4));
    expect((await read(undefined, { cursor: first.cursor })).ids).toEqual(['N0', 'N1', 'N2', 'N3']);
  });

  it('that makes no progress is ended, as one that died', async () => {
    await put('skus.csv', skus(1200));
    const from = readersOf(2_000);
    const { reasons } = await read(() => void process.kill(made.at(-1)!.pid!, 'SIGSTOP'), { from });
    expect(reasons).toEqual([expect.stringMatching(/^skus\.csv: .*\(no progress for 2 s\)/)]);
    await until(() => made.every(({ pid }) => !isAlive(pid!)));
  });

  it('ends when reading is aborted, also while the hub waits for it', async () => {
    await put('skus.csv', skus(1200));
    const stop = new AbortController();
    const reading = read(
      () => {
        process.kill(made[0]!.pid!, 'SIGSTOP');
        setImmediate(() => stop.abort(new Error('shutting down')));
      },
      { signal: stop.signal },
    );
    await expect(reading).rejects.toThrow('shutting down');
    expect(made.length).toBe(1);
    await until(() => !isAlive(made[0]!.pid!));
  });

  it('reads on only when it is asked for the next page', async () => {
    await put('skus.csv', skus(300_000));
    let isFirst = true;
    const { ids, cursor } = await read(async () => {
      if (isFirst) await truncate(path.join(folder, 'skus.csv'));
      isFirst = false;
    });
    // What it had in its buffers when the file was cut off.
    expect(ids.length).toBeLessThan(50_000);
    expect(filesOf(cursor)).toEqual([]);
  });

  it('is one for the files of a sync, is not started for files that have not changed, and ends when idle', async () => {
    await put('skus-1.csv', skus(3));
    await put('skus-2.csv', skus(3));
    const { cursor } = await read();
    expect(made.length).toBe(1);
    await read(undefined, { cursor });
    expect(made.length).toBe(1);
    await until(() => !isAlive(made[0]!.pid!));
  });

  it('has none of the hub’s environment', async () => {
    process.env.HUB_TEST_SECRET = 'x';
    const reader = readers.acquire();
    await put('skus.csv', skus(1));
    await reader.scan(path.join(folder, 'skus.csv'), never);
    const { stdout } = await promisify(execFile)('ps', ['eww', '-o', 'command=', '-p', String(reader.pid)]);
    expect(stdout).toContain('reader-process');
    expect(stdout).not.toContain('HUB_TEST_SECRET');
    delete process.env.HUB_TEST_SECRET;
  });
});

describe('a file at which the hub itself ends', () => {
  /** The cursor as another process of the hub stored it before it ended with the first page in its hands. */
  async function endOfHub(cursor: Cursor | null): Promise<Cursor> {
    for await (const page of readStream(await streamOf(folder, 'skus'), cursor, never, readers)) {
      const begun = (page.cursor as { begun?: object }).begun;
      if (begun) return { ...(page.cursor as object), begun: { ...begun, by: 'another process' } } as Cursor;
    }
    throw new Error('no file was begun');
  }

  it('is set aside when that happens again and again at the same page', async () => {
    await put('skus.csv', skus(3));
    let cursor: Cursor | null = null;
    for (let end = 0; end < 3; end += 1) cursor = await endOfHub(cursor);
    const { ids, reasons, cursor: last } = await read(undefined, { cursor });
    expect(ids).toEqual([]);
    expect(reasons).toEqual([expect.stringMatching(/^skus\.csv: The hub ended 3 times .* was set aside/)]);
    expect(filesOf(last)).toEqual(['skus.csv']);
  });

  it('is read when the hub has only been restarted a few times', async () => {
    await put('skus.csv', skus(3));
    const cursor = await endOfHub(await endOfHub(null));
    expect((await read(undefined, { cursor })).ids).toEqual(['N0', 'N1', 'N2']);
  });
});

describe('a hub that is killed', () => {
  it('leaves no reader behind, and reads the file when it is started again', async () => {
    const dataDir = path.join(folder, 'data');
    await mkdir(path.join(dataDir, 'import'), { recursive: true });
    await writeFile(path.join(dataDir, 'import', 'skus.csv'), skus(5_000));
    const hub = await startHub({ dataDir });
    let again: typeof hub | undefined;
    try {
      let pid: number | undefined;
      await until(async () => (pid = await readerOf(hub.process.pid!)) !== undefined);
      await hub.kill();
      await until(() => !isAlive(pid!));
      again = await startHub({ dataDir, databaseUrl: hub.databaseUrl });
      const client = httpClient(again);
      await until(async () => {
        const { sku } = await client.request<{ sku: object | null }>('{ sku(code: "N4999") { code } }');
        return sku !== null;
      });
    } finally {
      await again?.stop();
      await hub.stop();
    }
  });
});

/** The process id of a hub's reader, if it has one. */
async function readerOf(hub: number): Promise<number | undefined> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  const line = stdout
    .split('\n')
    .find((each) => new RegExp(`^\\s*\\d+\\s+${hub}\\s.*reader-process`).test(each));
  return line === undefined ? undefined : Number.parseInt(line, 10);
}
