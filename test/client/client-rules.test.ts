import { expect, test } from '@jest/globals';
import type { Client, SubscribePayload, Sink } from 'graphql-ws';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  Versions,
  advisedMs,
  backOffMs,
  remedyFor,
  watchAtp,
  type AtpUpdate,
} from '../../client/live-atp/index.ts';
import { packageRoot } from '../../src/platform/process/package-root.ts';
import { until } from '../support/until.ts';

const update = (version: string, kind: AtpUpdate['kind'] = 'CHANGE', code = 'A'): AtpUpdate => ({
  kind,
  coalesced: 0,
  previousVersion: null,
  atp: { sku: { code }, channel: null, quantity: 1, version, asOf: '2026-11-22T00:00:00Z', terms: [] },
});

test('a change that arrives late or twice is not news; a snapshot always is', () => {
  const versions = new Versions();
  expect(versions.resume()).toBeUndefined();
  expect(versions.isNews(update('002'))).toBe(true);
  expect(versions.isNews(update('002'))).toBe(false);
  expect(versions.isNews(update('001'))).toBe(false);
  expect(versions.isNews(update('001', 'CHANGE', 'B'))).toBe(true);
  expect(versions.isNews(update('001', 'SNAPSHOT'))).toBe(true);
  expect(versions.resume()).toEqual([
    { sku: 'A', version: '001' },
    { sku: 'B', version: '001' },
  ]);
});

test('what is waited grows, is spread, and ends at eight seconds', () => {
  expect([0, 1, 2, 5, 20].map((attempt) => backOffMs(attempt, () => 1))).toEqual([
    375, 625, 1_125, 8_125, 8_125,
  ]);
  expect([0, 20].map((attempt) => backOffMs(attempt, () => 0))).toEqual([125, 125]);
});

test('when a hub that goes away says when to come back, that is read; anything else is not', () => {
  expect(advisedMs({ code: 1001, reason: '{"retryAfterMs":1234}' })).toBe(1234);
  for (const event of [
    { code: 1006, reason: '{"retryAfterMs":1234}' },
    { code: 1001, reason: 'The hub is going away; reconnect.' },
    { code: 1001, reason: 'null' },
    { code: 1001 },
    new Error('no close'),
    undefined,
  ])
    expect(advisedMs(event)).toBeUndefined();
});

test('each documented close code is met as the document says', () => {
  const page = readFileSync(path.join(packageRoot(), 'docs', 'atp-subscription.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (\d{4}) +\|[^|]*\| ([^|]*)\|/gm)].map(([, code, does]) => [
    Number(code),
    /do not retry/.test(does!) ? (/key/.test(does!) ? 'KEY' : 'CLIENT') : 'RETRY',
  ]);
  expect(rows.length).toBeGreaterThan(12);
  expect(rows.map(([code]) => [code, remedyFor({ code })])).toEqual(rows);
  expect(remedyFor(new Error('refused'))).toBe('RETRY');
});

/** A socket whose answers the test gives. */
function scripted() {
  const begun: { payload: SubscribePayload; sink: Sink<never> }[] = [];
  const subscribe = (payload: SubscribePayload, sink: Sink<never>) => {
    // As graphql-ws writes it out: now.
    begun.push({ payload: JSON.parse(JSON.stringify(payload)) as SubscribePayload, sink });
    return () => undefined;
  };
  return { begun, socket: { subscribe } as unknown as Pick<Client, 'subscribe'> };
}

test.each([
  ['a completion that nobody asked for', (sink: Sink<never>) => sink.complete()],
  ['an overload', (sink: Sink<never>) => sink.error([{ message: 'busy', extensions: { retryable: true } }])],
  ['a defect of the hub', (sink: Sink<never>) => sink.error({ code: 4500, reason: '' })],
  [
    'a database that did not answer',
    (sink: Sink<never>) => {
      sink.next({ data: null, errors: [{ message: 'x', extensions: { retryable: true } }] } as never);
      sink.complete();
    },
  ],
])('%s is followed by another subscription, which resumes', async (_what, end) => {
  const { begun, socket } = scripted();
  const seen: AtpUpdate[] = [];
  const stop = watchAtp(socket, { skus: ['A'], channel: 'jd' }, { onUpdate: (each) => seen.push(each) });
  begun[0]!.sink.next({ data: { atp: update('007', 'SNAPSHOT') } } as never);
  end(begun[0]!.sink);
  await until(() => begun.length === 2);
  expect(begun.map(({ payload }) => payload.variables)).toEqual([
    { skus: ['A'], channel: 'jd' },
    { skus: ['A'], channel: 'jd', resume: [{ sku: 'A', version: '007' }] },
  ]);
  begun[1]!.sink.next({ data: { atp: update('006') } } as never);
  begun[1]!.sink.next({ data: { atp: update('008') } } as never);
  expect(seen.map(({ atp }) => atp.version)).toEqual(['007', '008']);
  stop();
});
