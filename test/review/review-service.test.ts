import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ReviewService,
  ReviewStatus,
  openReviewTasks,
  type ReviewAction,
  type ReviewTask,
} from '../../src/review/index.ts';
import { executeIn } from '../../src/platform/database/execute-in.ts';
import { createLogger } from '../../src/platform/process/log.ts';
import { countOf, reserveOf } from '../support/inventory/engine.ts';
import { engineFixture, idOf, later } from '../support/inventory/engine-fixture.ts';
import { httpClient, socketClient } from '../support/client.ts';
import { startHub, type RunningHub } from '../support/hub.ts';

const fixture = engineFixture();
const ran: string[] = [];
const note =
  (what: string): ReviewAction =>
  async (_em, task, actor) =>
    void ran.push(`${what} ${task.subject} by ${actor}`);
const failing: ReviewAction = async () => {
  throw new Error('the effect failed');
};
const desk = () =>
  new ReviewService(
    fixture.orm.em,
    new Map([['TEST', { WAIT: note('wait'), CANCEL: note('cancel'), FAIL: failing }]]),
    createLogger('silent'),
  );

const open = async (subject: string, defaultAction = 'WAIT') => {
  const task = { kind: 'TEST', subject, summary: 's', details: {}, deadlineSeconds: 60, defaultAction };
  const [id] = await openReviewTasks(executeIn(fixture.orm.em.fork()), [task]);
  return id;
};
const statusOf = async (id: string | undefined) => {
  const [row] = await fixture.database.query<{
    status: string;
    action: string | null;
    failure: string | null;
  }>('select status, action, failure from review_task where id = $1', [id]);
  return row;
};

describe('a task', () => {
  test('is open once a kind and subject', async () => {
    expect(await open('once')).toBeDefined();
    expect(await open('once')).toBeUndefined();
  });

  test('is decided by a person, and the same decision again changes nothing', async () => {
    const id = (await open('decided'))!;
    expect(await desk().resolve(id, 'CANCEL', 'called them', 'ann')).toMatchObject({
      status: ReviewStatus.RESOLVED,
      action: 'CANCEL',
      note: 'called them',
      resolvedBy: 'ann',
    });
    await desk().resolve(id, 'CANCEL', null, 'bob');
    expect(ran.filter((entry) => entry.includes('decided'))).toEqual(['cancel decided by ann']);
    await expect(desk().resolve(id, 'WAIT', null, 'bob')).rejects.toMatchObject({
      code: 'REVIEW_TASK_CLOSED',
    });
  });

  test('can only be decided in the ways of its kind', async () => {
    const id = (await open('ways'))!;
    await expect(desk().resolve(id, 'DANCE', null, 'ann')).rejects.toMatchObject({
      code: 'UNKNOWN_REVIEW_ACTION',
      extensions: { actions: ['WAIT', 'CANCEL', 'FAIL'] },
    });
    await expect(desk().resolve('nothing', 'WAIT', null, 'ann')).rejects.toMatchObject({
      code: 'UNKNOWN_REVIEW_TASK',
    });
  });

  test('that nobody decides is decided at its deadline, not before, and once', async () => {
    const id = await open('late');
    await fixture.database.setClock(later(59));
    await desk().runDue();
    expect(await statusOf(id)).toMatchObject({ status: 'OPEN' });
    await fixture.database.setClock(later(60));
    await Promise.all([desk().runDue(), desk().runDue()]);
    expect(await statusOf(id)).toMatchObject({ status: 'DEFAULTED', action: 'WAIT' });
    expect(ran.filter((entry) => entry.includes('late'))).toEqual(['wait late by clock']);
  });

  test('whose default action fails stays open, says so, and is tried again', async () => {
    const id = await open('broken', 'FAIL');
    await fixture.database.setClock(later(60));
    await desk().runDue();
    expect(await statusOf(id)).toMatchObject({ status: 'OPEN', failure: expect.any(String) });
    await fixture.database.query(`update review_task set default_action = 'WAIT' where id = $1`, [id]);
    await desk().runDue();
    expect(await statusOf(id)).toMatchObject({ status: 'OPEN' });
    await fixture.database.setClock(later(121));
    await desk().runDue();
    expect(await statusOf(id)).toMatchObject({ status: 'DEFAULTED', failure: null });
  });
});

test('a shortfall opens one task, in the transaction of the count', async () => {
  const { engine, sku, database } = fixture;
  await engine.submit(countOf(sku, 5));
  const held = await engine.submit(reserveOf(sku, 5));
  await engine.submit({ type: 'confirm', reservationId: idOf(held), orderExternalId: undefined });
  await engine.submit(countOf(sku, 3));
  await engine.submit(countOf(sku, 2));
  const tasks = await database.query(`select summary, status from review_task where kind = 'PROMISE_BREACH'`);
  expect(tasks).toEqual([
    { summary: `2 promised units of ${sku} in MAIN are without goods.`, status: 'OPEN' },
  ]);
});

describe('over the public API', () => {
  let hub: RunningHub;
  beforeAll(async () => {
    hub = await startHub({ databaseUrl: fixture.database.url });
  });
  afterAll(() => hub?.stop());

  test('tasks are listed, pushed as they are opened, and resolved', async () => {
    const { engine, sku, database } = fixture;
    await database.setClock(undefined);
    const socket = socketClient(hub);
    const opened = socket.iterate<{ reviewTaskOpened: ReviewTask }>({
      query: 'subscription { reviewTaskOpened { id kind subject } }',
    });
    const next = opened.next();
    await socket.iterate({ query: '{ __typename }' }).next(); // the subscription before it has been taken up
    await engine.submit(countOf(sku, 1));
    const ask = <T>(query: string, variables?: object) => httpClient(hub).request<T>(query, variables);
    const { reserve } = await ask<{ reserve: { id: string } }>(
      `mutation { reserve(input: { idempotencyKey: "r", channel: "jd", reference: "r", lines: [{ sku: "${sku}", quantity: 1 }] }) { ... on Reservation { id } } }`,
    );
    await ask(
      `mutation { confirmReservation(input: { idempotencyKey: "c", reservationId: "${reserve.id}" }) { __typename } }`,
    );
    await ask(
      `mutation { adjustStock(input: { idempotencyKey: "a", node: "WH", reason: "lost", lines: [{ sku: "${sku}", counted: 0 }] }) { __typename } }`,
    );
    const task = (await next).value!.data!.reviewTaskOpened;
    expect(task).toMatchObject({ kind: 'PROMISE_BREACH', subject: `MAIN ${sku}` });
    const { reviewTasks } = await ask<{ reviewTasks: { nodes: { id: string }[] } }>(
      '{ reviewTasks(first: 100) { nodes { id } } }',
    );
    expect(reviewTasks.nodes.map(({ id }) => id)).toContain(task.id);
    expect(
      await ask(
        `mutation { resolveReviewTask(input: { taskId: "${task.id}", action: "HANDLED_WITH_CUSTOMERS" }) { status resolvedBy } }`,
      ),
    ).toEqual({ resolveReviewTask: { status: 'RESOLVED', resolvedBy: 'admin' } });
    await socket.dispose();
  });
});
