import { afterAll, beforeAll, expect, test } from '@jest/globals';
import path from 'node:path';
import { freePort } from '../support/free-port.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { runScript } from '../support/run-script.ts';

let hub: RunningHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub?.stop());

const key = (args: string[], more: Record<string, string> = {}) =>
  runScript('key', args, { HUB_URL: hub.url, HUB_ADMIN_KEY: hub.adminKey, ...more });

const create = (...more: string[]) => key(['create', '--name', 'n', '--partner', 'tmall', ...more]);

interface ApiKey {
  id: string;
  scopes: string[];
  expiresAt: string | null;
  revokedAt: string | null;
}

test('a key is made, with blanks behind the commas of its scopes, listed and revoked once', async () => {
  const made = await create('--scopes', 'stock:read, stock:reserve', '--expires', '2036-01-01T00:00:00Z');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const { apiKey } = (JSON.parse(made.stdout) as { createApiKey: { apiKey: ApiKey } }).createApiKey;
  expect(apiKey.scopes).toEqual(['stock:read', 'stock:reserve']);
  expect(apiKey.expiresAt).toBe('2036-01-01T00:00:00.000Z');

  const listed = JSON.parse((await key(['list'])).stdout) as { apiKeys: ApiKey[] };
  expect(listed.apiKeys).toContainEqual(apiKey);

  const revoked = await key(['revoke', apiKey.id]);
  expect(revoked).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(revoked.stdout)).toMatchObject({ revokeApiKey: { id: apiKey.id } });
});

test.each(['nope', '01900000-0000-7000-8000-000000000000'])(
  'to revoke the unknown key %s is an error',
  async (id) => {
    expect(await key(['revoke', id])).toEqual({
      code: 1,
      stdout: '',
      stderr: `There is no key with the id ${id}; \`list\` has the ids.\n`,
    });
  },
);

test.each(['2027-01-01', 'tomorrow', '2027-13-01T00:00:00Z', '2027-01-01T00:00:00'])(
  '--expires %s says what form is right',
  async (expires) => {
    const { code, stdout, stderr } = await create('--scopes', 'stock:read', '--expires', expires);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(`like 2027-01-01T00:00:00Z, was ${expires}.\n`);
  },
);

test('a hub that does not answer is named by its address', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const { code, stderr } = await key(['list'], { HUB_URL: url });
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^No hub answers at ${url} \\(.*ECONNREFUSED.*\\)\\. .*HUB_URL.*\\n$`));
});

test('an admin key that is not there is said to be missing, and where', async () => {
  const folder = path.join(hub.dataDir, 'nothing-here');
  const { code, stderr } = await key(['list'], { HUB_ADMIN_KEY: '', HUB_DATA_DIR: folder });
  expect(code).toBe(1);
  expect(stderr).toBe(
    `There is no admin key in ${path.join(folder, 'admin-key')}. Set HUB_ADMIN_KEY, or HUB_DATA_DIR to the hub's folder.\n`,
  );
});

test('what the hub refuses is told in its words, an unknown option with the usage', async () => {
  expect(await key(['list'], { HUB_ADMIN_KEY: 'another-key-0123456789' })).toMatchObject({ code: 1 });
  const { code, stderr } = await key(['list', '--all']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/Unknown option '--all'[^]*Usage:/);
});
