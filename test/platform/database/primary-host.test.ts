import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hostAddresses } from '../../../src/platform/database/host-addresses.ts';
import { gateTo, type DatabaseGate } from '../../support/database-gate.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { postGraphql } from '../../support/post-graphql.ts';
import { until } from '../../support/until.ts';

test.each([
  ['postgres://u:p@a:5432/hub', ['postgres://u:p@a:5432/hub']],
  ['postgres://u:p@a:5432,b/hub', ['postgres://u:p@a:5432/hub', 'postgres://u:p@b/hub']],
  [
    'postgresql://a,[::1]:5433/hub?target_session_attrs=read-write&sslmode=require',
    ['postgresql://a/hub?sslmode=require', 'postgresql://[::1]:5433/hub?sslmode=require'],
  ],
  ['postgres://u:p@a,b:port/hub', undefined],
  ['postgres://a/hub?target_session_attrs=standby', undefined],
  ['mysql://a/hub', undefined],
  ['no address', undefined],
])('%s', (address, hosts) => {
  expect(hostAddresses(address)).toEqual(hosts);
});

describe('a hub whose address names two hosts', () => {
  let database: TestDatabase;
  let gates: DatabaseGate[];
  let hub: RunningHub;
  const ask = () => postGraphql(hub, { query: '{ channels { code } }' }).catch(() => undefined);

  beforeAll(async () => {
    database = await createTestDatabase();
    gates = [await gateTo(database.url), await gateTo(database.url)];
    await gates[0]!.shut();
    const [first, second] = gates.map(({ url }) => new URL(url).host);
    const url = new URL(database.url);
    const databaseUrl = database.url.replace(url.host, `${first},${second}`);
    hub = await startHub({ databaseUrl: `${databaseUrl}?target_session_attrs=read-write` });
  });
  afterAll(async () => {
    await hub?.stop();
    for (const gate of gates ?? []) await gate.shut().catch(() => undefined);
    await database?.drop();
  });

  test('starts on the one that answers, and follows when that one is gone', async () => {
    expect(await ask()).toEqual({ data: { channels: [] } });
    expect(gates[1]!.connections()).toBeGreaterThan(0);
    await gates[0]!.open();
    await gates[1]!.shut();
    await until(async () => (await ask())?.errors === undefined && gates[0]!.connections() > 0);
    await until(async () => (await fetch(`${hub.url}/readyz`)).status === 200);
  }, 30_000);
});
