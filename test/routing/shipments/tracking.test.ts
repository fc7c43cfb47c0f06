import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TrackingInput } from '../../../src/routing/index.ts';
import { later, NOON } from '../../support/inventory/engine-fixture.ts';
import { paidOrder, shopFixture } from '../../support/routing/shop.ts';

const shop = shopFixture();
beforeEach(() => shop.database.setClock(NOON));

let next = 1;

/** An order whose node has sent it, in one parcel or in one for each MUG. @returns its id and its numbers */
async function sent(parcels = 1): Promise<{ orderId: string; numbers: string[] }> {
  const externalId = `T-${next++}`;
  await shop.stock('MUG', 'EAST', 100);
  const orderId = await shop.take(paidOrder(externalId, [['MUG', parcels]]));
  const numbers: string[] = [];
  for (let parcel = 1; parcel <= parcels; parcel++) {
    await shop.route(orderId);
    const open = (await shop.shipments(orderId)).find(({ state }) => state === 'PLANNED')!;
    const trackingNumber = `${externalId}-${parcel}`;
    await shop.answer(open.id, 'SHIPPED', { trackingNumber, lines: [{ sku: 'MUG', quantity: 1 }] });
    numbers.push(trackingNumber);
  }
  return { orderId, numbers };
}

const event = (
  trackingNumber: string,
  status: TrackingInput['status'],
  seconds: number,
  more: Partial<TrackingInput> = {},
): TrackingInput => ({ trackingNumber, status, at: later(seconds).toISOString(), text: status, ...more });

const known = (orderId: string) =>
  shop.database.query(
    `select s.tracking_number, s.tracking_status, s.delivered_at, s.tracking_as_of,
       (select count(*)::int from tracking_event where shipment_id = s.id) as events
     from shipment s where s.order_id = $1 order by s.id`,
    [orderId],
  );

test('what a carrier says is kept once, however often and in whatever order it is told', async () => {
  const { orderId, numbers } = await sent();
  const story = [
    event(numbers[0]!, 'INFO_RECEIVED', 10),
    event(numbers[0]!, 'IN_TRANSIT', 20, { place: 'Hangzhou' }),
    event(numbers[0]!, 'OUT_FOR_DELIVERY', 30),
  ];
  const told = fc.array(fc.subarray(story, { minLength: 1 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(told, async (pages) => {
      for (const page of pages) expect(await shop.tracked(page.toReversed())).toEqual([]);
    }),
    { numRuns: 10 },
  );
  await shop.database.setClock(later(60));
  await shop.tracked(story);
  expect(await known(orderId)).toEqual([
    {
      tracking_number: numbers[0],
      tracking_status: 'OUT_FOR_DELIVERY',
      delivered_at: null,
      tracking_as_of: later(60),
      events: 3,
    },
  ]);
  expect(await shop.stateOf(orderId)).toBe('SHIPPED');
});

test('events of one instant stand in the order in which the carrier tells them', async () => {
  const { orderId, numbers } = await sent();
  await shop.tracked([event(numbers[0]!, 'IN_TRANSIT', 10), event(numbers[0]!, 'EXCEPTION', 10)]);
  expect(await known(orderId)).toMatchObject([{ tracking_status: 'EXCEPTION' }]);
});

test('an order is delivered when the last of its parcels is', async () => {
  const { orderId, numbers } = await sent(2);
  await shop.tracked([event(numbers[1]!, 'DELIVERED', 100)]);
  expect(await shop.stateOf(orderId)).toBe('SHIPPED');
  await shop.tracked([event(numbers[0]!, 'DELIVERED', 50), event(numbers[0]!, 'IN_TRANSIT', 20)]);
  expect(await shop.stateOf(orderId)).toBe('DELIVERED');
  expect(await known(orderId)).toMatchObject([{ delivered_at: later(50) }, { delivered_at: later(100) }]);
  // Told again, or the parcel comes back: the order has been delivered all the same.
  await shop.tracked([event(numbers[0]!, 'DELIVERED', 50), event(numbers[0]!, 'RETURNED', 200)]);
  expect(await shop.stateOf(orderId)).toBe('DELIVERED');
  expect(await known(orderId)).toMatchObject([
    { tracking_status: 'RETURNED', delivered_at: later(50) },
    { tracking_status: 'DELIVERED' },
  ]);
});

test('an order of which a part has not left yet is not delivered', async () => {
  await shop.stock('MUG', 'EAST', 100);
  const orderId = await shop.take(paidOrder(`T-${next++}`, [['MUG', 2]]));
  await shop.route(orderId);
  const [first] = await shop.shipments(orderId);
  const part = { trackingNumber: 'PART-1', lines: [{ sku: 'MUG', quantity: 1 }] };
  await shop.answer(first!.id, 'SHIPPED', part);
  await shop.tracked([event('PART-1', 'DELIVERED', 10)]);
  expect(await shop.stateOf(orderId)).toBe('PAID');
  await shop.route(orderId);
  const rest = (await shop.shipments(orderId)).find(({ state }) => state === 'PLANNED')!;
  await shop.answer(rest.id, 'SHIPPED', { trackingNumber: 'PART-2' });
  expect(await shop.stateOf(orderId)).toBe('SHIPPED');
  await shop.tracked([event('PART-2', 'DELIVERED', 20)]);
  expect(await shop.stateOf(orderId)).toBe('DELIVERED');
});

test('an order that its channel calls shipped is not delivered while a node is still to send of it', async () => {
  await shop.stock('MUG', 'EAST', 100);
  const order = paidOrder(`T-${next++}`, [['MUG', 2]]);
  const orderId = await shop.take(order);
  await shop.route(orderId);
  const [first] = await shop.shipments(orderId);
  const part = { trackingNumber: 'AHEAD-1', lines: [{ sku: 'MUG', quantity: 1 }] };
  await shop.answer(first!.id, 'SHIPPED', part);
  await shop.route(orderId);
  await shop.take({ ...order, state: 'SHIPPED' });
  await shop.tracked([event('AHEAD-1', 'DELIVERED', 10)]);
  expect((await shop.shipments(orderId)).map(({ state }) => state)).toEqual(['SHIPPED', 'PLANNED']);
  expect(await shop.stateOf(orderId)).toBe('SHIPPED');
});

test('two carriers at once tell of parcels of the same orders, and none waits for the other for ever', async () => {
  const orders = await Promise.all([1, 2, 3].map(() => sent(2)));
  const numbers = orders.flatMap((order) => order.numbers);
  const delivered = numbers.map((number) => event(number, 'DELIVERED', 10));
  await Promise.all([
    shop.tracked(delivered),
    shop.tracked(delivered.toReversed()),
    shop.tracked(delivered.filter((_, index) => index % 2 === 0)),
  ]);
  for (const { orderId } of orders) expect(await shop.stateOf(orderId)).toBe('DELIVERED');
});

describe('what is refused', () => {
  test.each<[string, Partial<TrackingInput>, RegExp]>([
    ['a number that no shipment has', { trackingNumber: 'NONE' }, /No shipment has left .* NONE by VAN\.$/],
    ['a number of another carrier', { carrier: 'SLOW' }, /No shipment has left .* by SLOW\.$/],
    [
      'an instant without zone',
      { at: '2026-11-22T10:00:00' },
      /must be an ISO 8601 timestamp with time zone/,
    ],
    ['a status that there is not', { status: 'LOST' as never }, /Tracking status LOST does not exist/],
    ['no number', { trackingNumber: '' }, /is empty/],
    ['what cannot be stored', { text: 'a\0b' }, /NUL character/],
  ])('%s; the others are taken', async (_what, wrong, says) => {
    const { orderId, numbers } = await sent();
    const good = event(numbers[0]!, 'IN_TRANSIT', 10, { carrier: 'VAN' });
    const reasons = await shop.tracked([{ ...good, ...wrong }, good]);
    expect(reasons).toEqual([expect.stringMatching(says)]);
    expect(await known(orderId)).toMatchObject([{ tracking_status: 'IN_TRANSIT', events: 1 }]);
  });
});
