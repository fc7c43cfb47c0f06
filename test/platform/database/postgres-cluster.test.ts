import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import pg from 'pg';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../src/platform/database/embedded-postgres.ts';
import { ownFolder } from '../../support/own-folder.ts';

let own: ReturnType<typeof ownFolder>;
const servers: EmbeddedPostgres[] = [];

beforeEach(() => {
  own = ownFolder();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  own.remove();
});

const lost: Error[] = [];
async function start(name: string, findPort?: () => Promise<number>) {
  const folder = path.join(own.folder, name);
  const server = await startEmbeddedPostgres({
    folder,
    settings: { fsync: 'off' },
    onLost: (error) => lost.push(error),
    ...(findPort ? { findPort } : {}),
  });
  servers.push(server);
  return server;
}
async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

test('a port that somebody takes between the search and the start is given up for another', async () => {
  const taken = await listening();
  const other = await listening();
  const ports = [taken.port, other.port];
  const server = await start('a', async () => {
    if (ports.length === 1) other.server.close();
    return ports.shift()!;
  });
  expect(new URL(await server.databaseUrl('postgres')).port).toBe(String(other.port));
  taken.server.close();
  await server.stop();
  expect(lost).toEqual([]);
});

test('PostgreSQL has no secret of the hub in its environment', async () => {
  process.env['HUB_ADMIN_KEY'] = 'a-secret-of-the-hub';
  const server = await start('a');
  delete process.env['HUB_ADMIN_KEY'];
  const client = new pg.Client({ connectionString: await server.databaseUrl('postgres') });
  await client.connect();
  await client.query(`create temp table environment (line text); copy environment from program 'env'`);
  const { rows } = await client.query<{ environment: string }>(
    `select string_agg(line, ' ') as environment from environment`,
  );
  await client.end();
  const { environment } = rows[0]!;
  expect(environment).toContain('PATH=');
  expect(environment).not.toContain('secret');
});

const hasFlock = spawnSync('flock', ['--version']).status === 0;
const why = hasFlock ? '' : ' (skipped: this system has no `flock`)';

(hasFlock ? test : test.skip)(
  `a cluster that is served from another container is left alone${why}`,
  async () => {
    await (await start('a')).stop();
    const cluster = path.join(own.folder, 'a', 'cluster');
    const pidFile = path.join(cluster, 'postmaster.pid');
    writeFileSync(pidFile, `${2 ** 22 + 1}\n`);
    // What a server's kernel lock looks like from here; its number tells nothing.
    const holder = spawn('flock', [cluster, 'sh', '-c', 'echo locked; read line'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    let isUp = false;
    const starting = start('a').then(() => (isUp = true));
    await start('b'); // which makes its cluster first, and so takes longer
    expect(isUp).toBe(false);
    expect(readFileSync(pidFile, 'utf8')).toBe(`${2 ** 22 + 1}\n`);
    holder.stdin.end('\n');
    await starting;
  },
);

(hasFlock ? test : test.skip)(`a server holds its cluster's lock while it lives${why}`, async () => {
  const server = await start('a');
  const probe = () =>
    spawnSync('flock', ['--nonblock', path.join(own.folder, 'a', 'cluster'), 'true']).status;
  expect(probe()).toBe(1);
  await server.stop();
  expect(probe()).toBe(0);
});
