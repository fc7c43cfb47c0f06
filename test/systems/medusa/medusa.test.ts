import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { RetriableError, type PushHint } from '../../../connectors/spi/index.ts';
import { allIds, medusaCases, opened } from '../../connectors/medusa/cases.ts';
import { SECRET } from '../../connectors/medusa/config-of.ts';
import { parcelCases } from '../../connectors/medusa/parcel-cases.ts';
import { HubOfOneSku } from '../../support/connectors/hub-of-one-sku.ts';
import { startPushReceiver, type PushReceiver } from '../../support/connectors/push-receiver.ts';
import { never } from '../../support/connectors/read-all.ts';
import { readOn, sourceStream } from '../../support/connectors/read-source.ts';
import { until } from '../../support/until.ts';
import { describeReal } from '../real-system.ts';
import { startMedusa } from './start.ts';

// An order takes it a second and more.
jest.setTimeout(300_000);

/** A list answers 500 in the moment in which an order in it is half written; the hub comes again. */
function retriable(error: unknown): undefined {
  if (!(error instanceof RetriableError)) throw error;
}

describeReal('medusa', () => {
  let medusa: Awaited<ReturnType<typeof startMedusa>>;
  let receiver: PushReceiver;
  beforeAll(async () => {
    receiver = await startPushReceiver();
    medusa = await startMedusa({ url: receiver.url, secret: SECRET });
  }, 900_000);
  afterAll(async () => {
    await medusa?.stop();
    receiver?.stop();
  });

  medusaCases(() => medusa.shop);
  describe('a parcel that has left', () => parcelCases(() => medusa.shop));

  it('gives no order that fails while it is placed, though it can be seen', async () => {
    const { shop } = medusa;
    // On a busy machine, an order may take the shop more than the seconds that the other cases allow.
    const source = opened(shop, { pageSize: 100, overlapSeconds: 60 });
    const hub = new HubOfOneSku(source, 'C-1', 0);
    await hub.takeIn();
    hub.share = hub.taken() + 1;
    await hub.publish();
    let { cursor } = await readOn(source, 'orders', null);
    const given = new Set<string>();
    const closing = new AbortController();
    const reading = (async () => {
      while (!closing.signal.aborted) {
        const read = await readOn(source, 'orders', cursor).catch(retriable);
        cursor = read?.cursor ?? cursor;
        for (const { id } of read?.records ?? []) given.add(id);
      }
    })();
    const shoppers = await Promise.allSettled(Array.from({ length: 4 }, () => shop.place({ 'C-1': 1 })));
    closing.abort();
    await reading;
    // Some are refused by other words than that there is not enough: Medusa's steps meet each other.
    const sold = shoppers.filter((shopper) => shopper.status === 'fulfilled' && shopper.value !== null);
    expect(sold.length).toBeLessThanOrEqual(1);
    const there = await allIds(source, 'orders');
    expect([...given].filter((id) => !there.includes(id))).toEqual([]);
  });

  it('pushes signed hints by our subscriber, which are read back', async () => {
    const { shop } = medusa;
    const source = opened(shop, { webhookSecret: SECRET });
    receiver.pushes.splice(0);
    const hints: PushHint[] = [];
    const hinted = (stream: string, id: string) =>
      until(async () => {
        for (const push of receiver.pushes.splice(0))
          hints.push(...(await source.webhook!.receive(push)).hints);
        return hints.some((hint) => hint.stream === stream && hint.recordIds.includes(id));
      });
    const readBack = async (stream: string, id: string) =>
      source.webhook!.readBack(await sourceStream(source, stream), [id], never);

    const order = (await shop.place({ 'A-1': 1 }))!;
    await hinted('orders', order.id);
    expect(await readBack('orders', order.id)).toMatchObject([{ id: order.id, data: { status: 'pending' } }]);
    const fulfilment = await shop.pack(order);
    hints.splice(0);
    await shop.ship(order, fulfilment);
    await hinted('orders', order.id);
    const returned = await shop.requestReturn(order, 'A-1', 1);
    await hinted('returns', returned);
    expect(await readBack('returns', returned)).toMatchObject([{ id: returned }]);
    const refund = await shop.refund(order, order.total);
    await hinted('refunds', order.id);
    expect(await readBack('refunds', order.id)).toMatchObject([{ id: `${order.id}/${refund}` }]);
    const email = `${Math.random()}@x.test`;
    const customer = await shop.addCustomer({
      firstName: 'Lei',
      lastName: 'Li',
      email,
      phone: '13800138000',
    });
    await hinted('customers', customer);
    expect(await readBack('customers', customer)).toMatchObject([{ id: customer, data: { email } }]);
  });
});
