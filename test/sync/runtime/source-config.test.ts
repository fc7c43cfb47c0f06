import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Connector } from '../../../connectors/spi/index.ts';
import { ConfigError } from '../../../src/platform/process/config.ts';
import { loadSources } from '../../../src/sync/runtime/source-config.ts';

const shop: Connector = {
  spec: {
    id: 'shop',
    kind: 'COMMERCE',
    title: 'Shop',
    configSchema: {
      type: 'object',
      properties: {
        url: { type: 'string' },
        apiKey: { type: 'string', writeOnly: true },
        webhook: { type: 'object', properties: { secret: { type: 'string', writeOnly: true } } },
      },
    },
  },
  open: () => {
    throw new Error('not opened here');
  },
};
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sources-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(document: unknown, environment: Record<string, string> = {}) {
  const file = path.join(folder, 'sources.json');
  await writeFile(file, typeof document === 'string' ? document : JSON.stringify(document));
  return loadSources(file, new Map([['shop', shop]]), environment);
}
const source = (config: object, more: object = {}) => ({
  sources: [{ id: 'shop-eu', connector: 'shop', config, ...more }],
});

describe('sources', () => {
  it('are none without a document', async () => {
    expect(await loadSources(path.join(folder, 'none.json'), new Map(), {})).toEqual([]);
  });

  it('have their secrets from the environment and from files, wherever they stand', async () => {
    await writeFile(path.join(folder, 'hook'), 's3cret\n');
    const [found] = await load(
      source({
        url: 'https://shop.example',
        apiKey: { $env: 'SHOP_KEY' },
        webhook: { secret: { $file: 'hook' } },
      }),
      { SHOP_KEY: 'k3y' },
    );
    expect(found).toMatchObject({
      id: 'shop-eu',
      pollSeconds: 60,
      rawDays: 30,
      config: { url: 'https://shop.example', apiKey: 'k3y', webhook: { secret: 's3cret' } },
    });
  });

  it.each([
    ['a secret in clear', source({ apiKey: 'k3y' }), /config\.apiKey is a secret and must not stand here/],
    ['a nested one', source({ webhook: { secret: 'k3y' } }), /config\.webhook\.secret is a secret/],
    ['a variable that is not set', source({ apiKey: { $env: 'NOPE' } }), /the environment has no NOPE/],
    ['a file that is not there', source({ apiKey: { $file: 'nope' } }), /nope cannot be read \(ENOENT\)/],
    [
      'an unknown connector',
      { sources: [{ id: 'ab', connector: 'k3y-no' }] },
      /there is no connector k3y-no; there are shop/,
    ],
    ['a bad id', { sources: [{ id: 'Shop EU', connector: 'shop' }] }, /sources\.0\.id: must be 2 to 40/],
    ['an option that does not exist', source({}, { pollEvery: 5 }), /pollEvery/],
    ['a poll too often', source({}, { pollSeconds: 1 }), /pollSeconds/],
    [
      'one id twice',
      { sources: [source({}).sources[0], source({}).sources[0]] },
      /two sources have the id shop-eu/,
    ],
  ])('refuse %s, and quote no value', async (_what, document, message) => {
    const error = (await load(document).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toBeInstanceOf(ConfigError); // which ends a start with its sentence alone
    expect(error.message).toMatch(message);
    expect(error.message.replace('k3y-no', '')).not.toContain('k3y');
  });

  it('do not quote a document that is no JSON', async () => {
    await expect(load('{"apiKey": "k3y"')).rejects.toThrow(/^sources\.json is no JSON\.$/);
  });
});
