import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../../src/platform/process/package-root.ts';
import { httpClient } from '../../support/client.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { until } from '../../support/until.ts';
import { ownFolder } from '../../support/own-folder.ts';

/** A merchant's mapping file with a mistake in it, in a running hub: said, and in nobody else's way. */
const own = ownFolder();
const folder = path.join(own.folder, 'import');
let hub: RunningHub;

interface Status {
  healthy: boolean;
  lastError: string | null;
  streams: { name: string; lastReadAt: string | null; lastError: string | null }[];
}
const status = async (): Promise<Status> => {
  const { connectors } = await httpClient(hub).request<{ connectors: Status[] }>(
    '{ connectors { healthy lastError streams { name lastReadAt lastError } } }',
  );
  return connectors[0]!;
};
const titleOf = async (code: string): Promise<string | undefined> =>
  (await httpClient(hub).request<{ sku: { title: string } | null }>(`{ sku(code: "${code}") { title } }`)).sku
    ?.title;

/** Whole at once: half a file would be another mistake. */
function put(name: string, content: string) {
  writeFileSync(path.join(own.folder, 'aside'), content);
  renameSync(path.join(own.folder, 'aside'), path.join(folder, name));
}
const mapping = (title: string) =>
  JSON.stringify({
    stream: 'goods',
    files: 'goods.csv',
    mapping: { entity: 'sku', id: 'code', fields: { code: 'code', title } },
  });

beforeAll(async () => {
  mkdirSync(path.join(folder, 'mappings'), { recursive: true });
  put('skus.csv', '商品编码,商品名称\nTEA,茶\n');
  put('goods.csv', 'code,title\nPOT,Pot\n');
});
afterAll(async () => {
  await hub?.stop();
  own.remove();
});

test('a mapping file with a mistake is named, the other streams are read, and mending it is enough', async () => {
  put('mappings/goods.json', mapping('title +'));
  put('mappings/torn.json', '{"stream": "torn",');
  hub = await startHub({ dataDir: own.folder });
  await until(async () => (await titleOf('TEA')) === '茶');
  await until(async () => (await status()).streams.filter(({ lastError }) => lastError).length === 2);
  const broken = await status();
  expect(broken.healthy).toBe(false);
  expect(broken.streams.filter(({ lastError }) => lastError)).toEqual([
    {
      name: 'goods',
      lastReadAt: null,
      lastError: expect.stringMatching(/^mappings\/goods\.json: fields\.title/),
    },
    { name: 'torn', lastReadAt: null, lastError: expect.stringMatching(/^mappings\/torn\.json: .*JSON/) },
  ]);
  expect(broken.lastError).toMatch(/^mappings\/goods\.json: /);
  // All shipped ones, whatever stands beside them.
  const shipped = readdirSync(path.join(packageRoot(), 'connectors/files/mappings')).length;
  await until(async () => (await status()).streams.filter(({ lastReadAt }) => lastReadAt).length === shipped);

  put('mappings/goods.json', mapping('title'));
  rmSync(path.join(folder, 'mappings', 'torn.json'));
  await until(async () => (await titleOf('POT')) === 'Pot');
  await until(async () => (await status()).healthy);
  expect(await status()).toMatchObject({ healthy: true, lastError: null });
});

test('an import folder that cannot be read is said of the connector', async () => {
  await until(async () => (await status()).healthy);
  // A mapping file that is a folder cannot be opened as a file.
  mkdirSync(path.join(folder, 'mappings', 'odd.json'));
  put('skus.csv', '商品编码,商品名称\nTEA,绿茶\n'); // a hint to look again
  await until(async () => !(await status()).healthy);
  expect((await status()).lastError).toMatch(/^mappings\/odd\.json cannot be read: /);
  rmSync(path.join(folder, 'mappings', 'odd.json'), { recursive: true });
  await until(async () => (await status()).healthy);
  expect((await status()).lastError).toBeNull();
});
