import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { socketClient } from '../../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import type { RunningHub } from '../../support/hub.ts';
import { until } from '../../support/until.ts';
import { gateTo, type DatabaseGate } from '../../support/database-gate.ts';
import { RESERVE, SKUS, reserveInput, startShop, stateOf } from '../../support/graph/fixture.ts';
import { overHttp, transports, overSocket } from '../../support/graph/transports.ts';

let hub: RunningHub;
let database: TestDatabase;
let gate: DatabaseGate;

beforeAll(async () => {
  database = await createTestDatabase();
  gate = await gateTo(database.url);
  hub = await startShop({ databaseUrl: gate.url });
});
afterAll(async () => {
  await hub?.stop();
  await gate?.shut();
  await database?.drop();
});

const logged = () => hub.output().stderr;
const WATCH = 'subscription { atp(skus: ["TEA"]) { kind } }';

describe.each(transports)('over $name', (transport) => {
  test.each([
    ['a query', 'channel', '{ channels { code } }'],
    ['a field', 'stock_level', '{ sku(code: "TEA") { code levels { node { code } } } }'],
    ['a command', 'stock_movement', RESERVE],
    ...(transport !== overSocket ? [] : [['a subscription', 'sku', WATCH] as const]),
  ])('of a defect in %s, a client is told an id and the log the rest', async (_what, table, document) => {
    await database.query(`alter table ${table} rename to ${table}_hidden`);
    try {
      const answer = await transport.send(hub, document, { input: reserveInput() });
      const internal = answer.errors!.filter(({ extensions }) => extensions.code === 'INTERNAL');
      expect(internal).toHaveLength(answer.errors!.length);
      const { message, extensions } = internal[0]!;
      const { requestId } = extensions;
      expect(extensions).toEqual({ code: 'INTERNAL', retryable: true, requestId: expect.any(String) });
      const id = /^Something went wrong in the hub; it was logged under ([\da-f-]{36})\.$/.exec(message)![1]!;
      expect(JSON.stringify(answer)).not.toMatch(/relation|does not exist|select|insert|postgres|\.[jt]s:/i);
      await until(() => logged().includes(id));
      const line = logged()
        .split('\n')
        .find((text) => text.includes(id))!;
      expect(JSON.parse(line)).toMatchObject({
        errorId: id,
        requestId,
        err: { message: expect.stringContaining(table) },
      });
    } finally {
      await database.query(`alter table ${table}_hidden rename to ${table}`);
    }
    const { errors } = await transport.send(hub, '{ channels { code } stockAudit { consistent } }');
    expect(errors).toBeUndefined();
  });

  test('a lost database is told as such, and the hub heals by itself', async () => {
    const before = await stateOf(hub);
    const input = reserveInput();
    await gate.shut();
    try {
      for (const [document, variables] of [
        ['{ channels { code } }', {}],
        [`{ availableToPromise(skus: ${JSON.stringify(SKUS)}) { quantity } }`, {}],
        [RESERVE, { input }],
        [RESERVE, { input: reserveInput() }],
      ] as const) {
        const answer = await transport.send(hub, document, variables);
        expect(answer.errors).toMatchObject([
          {
            message: expect.stringMatching(/The database did not answer/),
            extensions: { code: 'DATABASE_UNAVAILABLE', retryable: true },
          },
        ]);
        expect(JSON.stringify(answer)).not.toMatch(/ECONN|127\.0\.0\.1|terminated|\.[jt]s:/);
      }
      const ready = await fetch(`${hub.url}/readyz`);
      expect({ status: ready.status, body: await ready.json() }).toEqual({
        status: 503,
        body: {
          status: 'not ready',
          parts: {
            database: { ready: false, reason: 'The database did not answer.' },
            engine: { ready: false, reason: 'The database did not answer the last batch.' },
          },
        },
      });
      expect((await fetch(`${hub.url}/livez`)).status).toBe(200);
    } finally {
      await gate.open();
    }
    await until(async () => (await fetch(`${hub.url}/readyz`)).status === 200);
    await until(async () => (await transport.send(hub, '{ channels { code } }')).errors === undefined);
    expect(await stateOf(hub)).toEqual(before);
    // The same key is safe to use again, whatever became of it.
    await until(async () => (await transport.send(hub, RESERVE, { input })).errors === undefined);
    expect(await stateOf(hub)).toMatchObject({ consistent: true, reservations: before.reservations + 1 });
  });

  test('sessions that the database ends are told as such, or not noticed at all', async () => {
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
       and application_name <> 'jest'`,
    );
    await until(async () => {
      const { errors } = await transport.send(hub, RESERVE, { input: reserveInput() });
      for (const { extensions } of errors ?? []) expect(extensions.code).toBe('DATABASE_UNAVAILABLE');
      return errors === undefined;
    });
  });
});

test('a watcher hears of changes again after an outage', async () => {
  const client = socketClient(hub);
  const updates = client.iterate<{ atp: { kind: string; atp: { quantity: number } } }>({
    query: 'subscription { atp(skus: ["POT"]) { kind atp { quantity } } }',
  });
  const next = async () => (await updates.next()).value!.data!.atp;
  expect(await next()).toEqual({ kind: 'SNAPSHOT', atp: { quantity: 100 } });
  await gate.shut();
  await gate.open();
  const input = reserveInput({ lines: [{ sku: 'POT', quantity: 1 }] });
  await until(async () => (await overHttp.send(hub, RESERVE, { input })).errors === undefined);
  expect(await next()).toEqual({ kind: 'CHANGE', atp: { quantity: 99 } });
  await client.dispose();
});
