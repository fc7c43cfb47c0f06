import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { apiKey } from '../support/graph/fixture.ts';
import { connect } from '../support/inventory/engine.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { overHttp } from '../support/graph/transports.ts';
import { until } from '../support/until.ts';

interface Shown {
  name: string;
  scope: string;
  elected: boolean;
  everySeconds: number;
  runningSince: string | null;
  lastStartedAt: string | null;
  lastDurationMs: number | null;
  lastSucceededAt: string | null;
  lastError: string | null;
  failuresInARow: number;
  nextRunAt: string | null;
}
const JOBS = `query ($first: Int, $after: String) { jobs(first: $first, after: $after) {
  name scope elected everySeconds runningSince lastStartedAt lastDurationMs lastSucceededAt lastError failuresInARow nextRunAt } }`;

let hub: RunningHub;

beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub?.stop());

async function jobs(
  variables: object = {},
  of: Pick<RunningHub, 'url' | 'adminKey'> = hub,
): Promise<Shown[]> {
  const { data, errors } = await overHttp.send<{ jobs: Shown[] }>(
    of,
    JOBS,
    variables as Record<string, unknown>,
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return data.jobs;
}

test('the jobs of the hub are shown, with when they ran, how long, and when they run again', async () => {
  const names = [
    'dated-promises',
    'expired-holds',
    'housekeeping',
    'quota-rebalancing',
    'review-deadlines',
    'routing',
    'webhook-deliveries',
  ];
  expect((await jobs()).map(({ name }) => name)).toEqual(names);
  const routing = async () => (await jobs({ after: 'review-deadlines', first: 1 }))[0]!;
  await until(async () => (await routing()).lastSucceededAt !== null);
  await until(async () => (await routing()).nextRunAt !== null);
  expect(await routing()).toMatchObject({
    name: 'routing',
    scope: 'PROCESS',
    elected: true,
    everySeconds: 1,
    lastError: null,
    failuresInARow: 0,
  });
  const [housekeeping] = await jobs({ after: 'expired-holds', first: 1 });
  expect(housekeeping).toMatchObject({ name: 'housekeeping', everySeconds: 3600, lastError: null });
});

test('a job that fails says so without names of tables, and recovers by itself', async () => {
  const database = await connect(hub.databaseUrl);
  await database.query('alter table review_task rename to review_task_gone');
  const deadlines = async () => (await jobs()).find(({ name }) => name === 'review-deadlines')!;
  await until(async () => (await deadlines()).failuresInARow >= 2);
  expect((await deadlines()).lastError).toBe('The run met a defect, which the log has.');
  await database.query('alter table review_task_gone rename to review_task');
  await database.end();
  await until(async () => (await deadlines()).failuresInARow === 0);
  expect((await deadlines()).lastError).toBeNull();
});

test('they are for keys that may read metrics', async () => {
  const may = await apiKey(hub, ['metrics:read']);
  expect(await jobs({ first: 1 }, { url: hub.url, adminKey: may })).toHaveLength(1);
  const mayNot = await apiKey(hub, ['stock:read']);
  const refused = await overHttp.send({ url: hub.url, adminKey: mayNot }, JOBS, {});
  expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});
