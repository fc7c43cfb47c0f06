import { afterAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createTestDatabase } from '../../support/database.ts';
import { spawnHub } from '../../support/hub-process.ts';
import { ownFolder } from '../../support/own-folder.ts';

const own = ownFolder();
afterAll(() => own.remove());

test.each([
  [
    'a port that is in use',
    undefined,
    'PORT % of 127.0.0.1 is in use by another process; set PORT to a free one, or 0 for any.',
  ],
  ['an address of another machine', '192.0.2.1', 'HOST 192.0.2.1 is no address of this machine.'],
])('%s ends the start with one sentence', async (_what, host, sentence) => {
  const database = await createTestDatabase();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = String((server.address() as AddressInfo).port);
  const hub = spawnHub({
    HUB_DATA_DIR: own.folder,
    DATABASE_URL: database.url,
    PORT: port,
    LOG_LEVEL: 'fatal',
    ...(host && { HOST: host }),
  });
  expect(await hub.ended).toEqual({ code: 1, signal: null });
  expect(hub.output.stderr).toBe(`${sentence.replace('%', port)}\n`);
  server.close();
  await database.drop();
});
