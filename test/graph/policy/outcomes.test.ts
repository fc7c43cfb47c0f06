import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import type { RunningHub } from '../../support/hub.ts';
import {
  ADJUST,
  CONFIRM,
  EXTEND,
  RELEASE,
  RESERVE,
  newKey,
  reserveInput,
  startShop,
  stateOf,
} from '../../support/graph/fixture.ts';
import { overHttp, overSocket, transports, type Transport } from '../../support/graph/transports.ts';

let hub: RunningHub;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  hub = await startShop({ databaseUrl: database.url });
});
afterAll(async () => {
  await hub?.stop();
  await database?.drop();
});

const otherThan = (transport: Transport) => (transport === overSocket ? overHttp : overSocket);
const reserved = async (transport: Transport, more = {}) =>
  (
    await transport.send<{ reserve: { id: string; expiresAt: string } }>(hub, RESERVE, {
      input: reserveInput(more),
    })
  ).data!.reserve;
const onReservation = (id: string, more = {}) => ({
  input: { idempotencyKey: newKey(), reservationId: id, ...more },
});

describe.each(transports)('over $name', (transport) => {
  test('a repetition gets the same answer, also over the other transport, and does nothing again', async () => {
    const input = reserveInput();
    const first = await transport.send(hub, RESERVE, { input });
    expect(first.data).toMatchObject({ reserve: { __typename: 'Reservation' } });
    const before = await stateOf(hub);
    const { idempotencyKey, ...rest } = input;
    // Nor does the order of the properties make it another input.
    expect((await transport.send(hub, RESERVE, { input: { ...rest, idempotencyKey } })).data).toEqual(
      first.data,
    );
    expect((await otherThan(transport).send(hub, RESERVE, { input })).data).toEqual(first.data);
    expect(await stateOf(hub)).toEqual(before);

    const adjustment = {
      idempotencyKey: newKey(),
      node: 'WH',
      reason: 'found',
      lines: [{ sku: 'CUP', delta: 1 }],
    };
    const adjusted = await transport.send(hub, ADJUST, { input: adjustment });
    expect(adjusted.data).toMatchObject({ adjustStock: { movements: [{ sku: 'CUP', delta: 1 }] } });
    expect((await otherThan(transport).send(hub, ADJUST, { input: adjustment })).data).toEqual(adjusted.data);
  });

  test('a refused outcome is remembered like a success', async () => {
    const input = reserveInput({ lines: [{ sku: 'POT', quantity: 101 }] });
    const first = await transport.send(hub, RESERVE, { input });
    expect(first.data).toMatchObject({
      reserve: { shortages: [{ sku: 'POT', requested: 101, available: 100 }] },
    });
    const found = {
      idempotencyKey: newKey(),
      node: 'WH',
      reason: 'found',
      lines: [{ sku: 'POT', delta: 1 }],
    };
    await transport.send(hub, ADJUST, { input: found });
    expect((await transport.send(hub, RESERVE, { input })).data).toEqual(first.data);
    await transport.send(hub, ADJUST, {
      input: { ...found, idempotencyKey: newKey(), lines: [{ sku: 'POT', delta: -1 }] },
    });
  });

  test('a bad request is not remembered: its key serves the mended one', async () => {
    const input = reserveInput({ channel: 'taobao' });
    expect((await transport.send(hub, RESERVE, { input })).errors).toMatchObject([
      { extensions: { code: 'UNKNOWN_CHANNEL' } },
    ]);
    const mended = await transport.send(hub, RESERVE, { input: { ...input, channel: 'douyin' } });
    expect(mended.data).toMatchObject({ reserve: { __typename: 'Reservation' } });
  });

  test('a key used with another input, or for another operation, is a conflict that changes nothing', async () => {
    const input = reserveInput();
    const { reserve } = (await transport.send<{ reserve: { id: string } }>(hub, RESERVE, { input })).data!;
    const before = await stateOf(hub);
    const key = { idempotencyKey: input.idempotencyKey };
    const conflicts = [
      [RESERVE, { input: { ...input, reference: 'CHECKOUT-2' } }],
      [RESERVE, { input: { ...input, lines: [{ sku: 'TEA', quantity: 2 }] } }],
      [RELEASE, onReservation(reserve.id, key)],
      [ADJUST, { input: { ...key, node: 'WH', reason: 'count', lines: [{ sku: 'TEA', counted: 1 }] } }],
    ] as const;
    for (const via of transports)
      for (const [document, variables] of conflicts) {
        const { errors } = await via.send(hub, document, variables);
        expect(errors).toMatchObject([
          {
            message: expect.stringContaining(key.idempotencyKey),
            extensions: { code: 'IDEMPOTENCY_CONFLICT', retryable: false },
          },
        ]);
      }
    expect(await stateOf(hub)).toEqual(before);
  });

  test('a hold that has ended is told as EXPIRED, not as an error, and stays so', async () => {
    const { id, expiresAt } = await reserved(transport, { ttlSeconds: 60 });
    await database.setClock(new Date(new Date(expiresAt).getTime() + 1));
    try {
      const ended = { __typename: 'ReservationNotOpen', reservationId: id, state: 'EXPIRED' };
      expect((await transport.send(hub, CONFIRM, onReservation(id))).data).toEqual({
        confirmReservation: ended,
      });
      expect((await transport.send(hub, RELEASE, onReservation(id))).data).toEqual({
        releaseReservation: ended,
      });
      expect((await transport.send(hub, EXTEND, onReservation(id, { ttlSeconds: 60 }))).data).toEqual({
        extendReservation: ended,
      });
      const read = await transport.send(hub, 'query ($id: ID!) { reservation(id: $id) { state } }', { id });
      expect(read.data).toEqual({ reservation: { state: 'EXPIRED' } });
      expect((await stateOf(hub)).consistent).toBe(true);
    } finally {
      await database.setClock(undefined);
    }
  });

  test('an id in capitals is the same reservation', async () => {
    const { id } = await reserved(transport);
    expect((await transport.send(hub, RELEASE, onReservation(id.toUpperCase()))).data).toMatchObject({
      releaseReservation: { id, state: 'RELEASED' },
    });
  });

  test('a count below what is promised is taken: what it leaves unbacked is a shortfall', async () => {
    const { id } = await reserved(transport, { lines: [{ sku: 'CUP', quantity: 10 }] });
    await transport.send(hub, CONFIRM, onReservation(id));
    const count = (counted: number) => ({
      input: { idempotencyKey: newKey(), node: 'WH', reason: 'count', lines: [{ sku: 'CUP', counted }] },
    });
    const { data, errors } = await transport.send(hub, ADJUST, count(4));
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ adjustStock: { __typename: 'Restock' } });
    const promise =
      '{ availableToPromise(skus: ["CUP"]) { quantity terms { kind quantity } } stockAudit { consistent } }';
    const { availableToPromise, stockAudit } = (
      await transport.send<{
        availableToPromise: [{ quantity: number; terms: { kind: string; quantity: number }[] }];
        stockAudit: object;
      }>(hub, promise)
    ).data!;
    const [{ quantity, terms }] = availableToPromise;
    expect(quantity).toBe(0);
    expect(terms.find(({ kind }) => kind === 'SHORTFALL')!.quantity).toBeGreaterThan(0);
    expect(terms.reduce((sum, term) => sum + term.quantity, 0)).toBe(0);
    expect(stockAudit).toEqual({ consistent: true });
    await transport.send(hub, ADJUST, count(1_000));
  });

  test('a correction below an empty shelf is no fact, and no error', async () => {
    const input = {
      idempotencyKey: newKey(),
      node: 'WH',
      reason: 'lost',
      lines: [{ sku: 'POT', delta: -101 }],
    };
    expect((await transport.send(hub, ADJUST, { input })).data).toEqual({
      adjustStock: { __typename: 'RestockRefused' },
    });
  });

  test('whole surrogate pairs and any other text are kept as they are', async () => {
    const reference = '订单 🍵 "\\" \u{10FFFF} \u0001';
    const { id } = await reserved(transport, { reference });
    const read = await otherThan(transport).send(
      hub,
      'query ($id: ID!) { reservation(id: $id) { reference } }',
      { id },
    );
    expect(read.data).toEqual({ reservation: { reference } });
  });
});
