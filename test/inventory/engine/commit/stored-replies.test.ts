import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { StockEngine } from '../../../../src/inventory/engine/stock-engine.ts';
import { countOf, reserveOf } from '../../../support/inventory/engine.ts';
import { engineFixture } from '../../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../../support/inventory/stock.ts';

const fixture = engineFixture();

const UNKNOWN = { code: 'UNKNOWN_STORED_REPLY', extensions: { retryable: true } };

async function store(key: string, reply: object): Promise<void> {
  const rows = await fixture.database.query(
    'update idempotency_key set reply = $2 where key = $1 returning key',
    [key, JSON.stringify(reply)],
  );
  expect(rows).toHaveLength(1);
}

test.each([
  ['a hold in a form that is still to be invented', { type: 'HoldAsMadeV2', id: 'x' }],
  ['a name that objects have from birth', { type: 'toString' }],
  ['no kind', {}],
  [
    'a state that is still to be invented',
    { type: 'ReservationNotOpen', reservationId: 'x', state: 'MERGED' },
  ],
])('a stored reply of %s is refused by itself, and is no outcome', async (_name, reply) => {
  const { engine, sku } = fixture;
  await engine.submit(countOf(sku, 10));
  const key = randomUUID();
  const command = reserveOf(sku, 2);
  const first = await engine.submit(command, key);
  const otherKey = randomUUID();
  const otherCommand = reserveOf(sku, 1);
  const other = await engine.submit(otherCommand, otherKey);
  await store(key, reply);

  const [refused, known, fresh] = await Promise.allSettled([
    engine.submit(command, key),
    engine.submit(otherCommand, otherKey),
    engine.submit(reserveOf(sku, 3), randomUUID()),
  ]);
  expect(refused).toMatchObject({ status: 'rejected', reason: UNKNOWN });
  expect(known).toEqual({ status: 'fulfilled', value: other });
  expect(fresh).toMatchObject({ status: 'fulfilled', value: { type: 'Reservation' } });
  expect((await promiseOf(fixture.orm, sku)).terms.HELD).toBe(-6);
  expect(await auditOf(fixture.orm)).toEqual([]);

  await store(key, first);
  expect(await engine.submit(command, key)).toEqual(first);
});

test('a hold whose reservation has been deleted says so', async () => {
  const { engine, sku } = fixture;
  await engine.submit(countOf(sku, 10));
  const key = randomUUID();
  const command = reserveOf(sku, 2);
  await engine.submit(command, key);
  await store(key, { type: 'HoldAsMade', id: randomUUID(), expiresAt: null, promisedOn: [] });
  await expect(engine.submit(command, key)).rejects.toMatchObject({ code: 'RESERVATION_NOT_FOUND' });
});

test('a known kind that the command cannot have is refused too', async () => {
  const engine = new StockEngine(async () => ({ type: 'Planned', pool: 'MAIN', skus: [], repromised: [] }));
  const call = {
    command: reserveOf('S0', 1),
    actor: { partner: 'p', name: 'p', admin: false },
    idempotency: { key: 'k', operation: 'reserve', bodyHash: '' },
  };
  await expect(engine.reserve(call as never)).rejects.toMatchObject(UNKNOWN);
});
