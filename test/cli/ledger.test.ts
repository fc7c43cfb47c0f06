import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ADMIN_KEY, endAll, spawnHub, type HubProcess } from '../support/hub-process.ts';
import { ownFolder } from '../support/own-folder.ts';
import { runScript } from '../support/run-script.ts';

let database: TestDatabase;
const own = ownFolder();
const hubs: HubProcess[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await endAll(hubs);
  await database?.drop();
  own.remove();
});

interface Month {
  month: string;
  table: string;
}
const monthsOf = (stdout: string) => JSON.parse(stdout) as Month[];

test('it works on the embedded database while the hub is stopped, and only then', async () => {
  const environment = { HUB_DATA_DIR: own.folder, HUB_ADMIN_KEY: ADMIN_KEY };
  const hub = spawnHub(environment);
  hubs.push(hub);
  expect(await hub.ready).toBeDefined();
  const busy = await runScript('ledger', ['list'], environment);
  expect(busy).toMatchObject({ code: 1, stdout: '' });
  expect(busy.stderr).toMatch(/^Another hub \(process \d+\) uses .*\n$/);
  await endAll(hubs);

  for (let again = 0; again < 2; again++) {
    const { code, stdout, stderr } = await runScript('ledger', ['list'], environment);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(monthsOf(stdout)).toHaveLength(4);
  }
  const [{ month }] = monthsOf((await runScript('ledger', ['list'], environment)).stdout) as [Month];
  expect(await runScript('ledger', ['detach', month], environment)).toEqual({
    code: 1,
    stdout: '',
    stderr: `${month} ended less than 90 days ago.\n`,
  });
});

test('it works on a database of one’s own beside hubs', async () => {
  await database.query(`select add_ledger_month('2020-01-01')`);
  const environment = { DATABASE_URL: database.url, HUB_DATA_DIR: own.folder };
  const listed = await runScript('ledger', ['list'], environment);
  expect(listed).toMatchObject({ code: 0, stderr: '' });
  expect(monthsOf(listed.stdout)[0]).toMatchObject({ month: '2020-01', table: 'stock_movement_2020_01' });
  const detached = await runScript('ledger', ['detach', '2020-01'], environment);
  expect(detached).toMatchObject({ code: 0, stderr: '' });
  expect(monthsOf((await runScript('ledger', ['list'], environment)).stdout)).toHaveLength(4);
});

test('a folder without a database is named, and none is made in it', async () => {
  const empty = ownFolder();
  const { code, stderr } = await runScript('ledger', ['list'], { HUB_DATA_DIR: empty.folder });
  empty.remove();
  expect(code).toBe(1);
  expect(stderr).toMatch(/^There is no embedded database in .*postgres\. Set HUB_DATA_DIR .*\n$/);
});
