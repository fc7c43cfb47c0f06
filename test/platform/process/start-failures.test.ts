import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { spawnHub } from '../../support/hub-process.ts';
import { ownFolder } from '../../support/own-folder.ts';

const own = ownFolder();
let database: TestDatabase;
let http: Server;
let busy: Server;

beforeAll(async () => {
  database = await createTestDatabase();
  http = createHttpServer((_request, answer) => answer.end()).listen(0, '127.0.0.1');
  busy = createServer().listen(0, '127.0.0.1');
  await Promise.all([once(http, 'listening'), once(busy, 'listening')]);
});
afterAll(async () => {
  http?.close();
  busy?.close();
  await database?.drop();
  own.remove();
});

const portOf = (server: Server) => String((server.address() as AddressInfo).port);
/** The address of the test's database, but for some parts. */
const addressWith = (parts: Partial<Pick<URL, 'hostname' | 'port' | 'username' | 'password' | 'pathname'>>) =>
  Object.assign(new URL(database.url), parts).href;

test.each<[string, () => Record<string, string>, RegExp]>([
  [
    'a port of the database where nothing listens',
    () => ({ DATABASE_URL: addressWith({ port: '1' }) }),
    /^DATABASE_URL: nothing listens at \S+:1; start PostgreSQL there, or name another host or port\n$/,
  ],
  [
    'a host of the database that nobody knows',
    () => ({ DATABASE_URL: addressWith({ hostname: 'nobody.invalid' }) }),
    /^DATABASE_URL: no address is known of the host nobody\.invalid\n$/,
  ],
  [
    'a database that does not exist',
    () => ({ DATABASE_URL: addressWith({ pathname: '/nowhere' }) }),
    /^DATABASE_URL: PostgreSQL at \S+ says: database "nowhere" does not exist\n$/,
  ],
  [
    'a user that does not exist',
    () => ({ DATABASE_URL: addressWith({ username: 'nobody' }) }),
    /^DATABASE_URL: PostgreSQL at \S+ (says: role "nobody" does not exist|refuses the password of the user nobody)\n$/,
  ],
  [
    'a database that is no PostgreSQL',
    () => ({ DATABASE_URL: addressWith({ port: portOf(http) }) }),
    /^DATABASE_URL: .+\n$/,
  ],
  [
    'a busy port of the metrics',
    () => ({ DATABASE_URL: database.url, HUB_METRICS_PORT: portOf(busy) }),
    /^HUB_METRICS_PORT \d+ of 127\.0\.0\.1 is in use by another process; set HUB_METRICS_PORT to a free one, or 0 for any\.\n$/,
  ],
  [
    'a data folder that is a file',
    () => {
      const file = path.join(own.folder, 'file');
      writeFileSync(file, '');
      return { DATABASE_URL: database.url, HUB_DATA_DIR: file };
    },
    /^\S+ is no folder; set HUB_DATA_DIR to one\.\n$/,
  ],
])('%s ends the start with one sentence', async (_what, environment, sentence) => {
  const hub = spawnHub({ HUB_DATA_DIR: own.folder, LOG_LEVEL: 'fatal', ...environment() });
  expect(await hub.ended).toEqual({ code: 1, signal: null });
  expect(hub.output.stderr).toMatch(sentence);
  expect(hub.output.stderr).not.toContain(new URL(database.url).password || 'no password');
});
