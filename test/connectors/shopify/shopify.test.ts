import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { shopifyConnector } from '../../../connectors/shopify/connector.ts';
import { PushRefused, type Source } from '../../../connectors/spi/index.ts';
import { never, readStream, streamNamed } from '../../support/connectors/read-stream.ts';
import { nextId, shopOrder, startShopify, type ShopifyBed, type ShopOrder } from './contract-server.ts';

let bed: ShopifyBed;
let source: Source;
beforeEach(async () => {
  bed = await startShopify();
  source = shopifyConnector.open(bed.config);
});
afterEach(() => bed.stop());

const given = (change?: Partial<ShopOrder>) => {
  const order = shopOrder(change);
  bed.orders.set(order.id, order);
  return order;
};
const tail = (gid: string) => gid.split('/').at(-1)!;

describe('Shopify', () => {
  it('gives orders with their lines, money and buyer', async () => {
    const order = given();
    const { records, problems } = await readStream(source, 'orders');
    expect(problems).toEqual([]);
    expect(records).toEqual([
      expect.objectContaining({
        channel: 'shopify',
        externalId: tail(order.id),
        state: 'PAID',
        currency: 'EUR',
        totalMinor: 2590,
        buyer: { name: 'Ada Byron', phone: '+4915112345678', email: 'ada@example.com' },
        lines: [
          { externalId: tail(order.lines[0]!.id), sku: 'TEE-BLK-M', quantity: 2, unitPriceMinor: 1295 },
        ],
      }),
    ]);
  });

  it('completes an order that has more lines than were asked for with it', async () => {
    const lines = Array.from({ length: 530 }, (_, index) => ({
      id: nextId('LineItem'),
      sku: `SKU-${index}`,
      quantity: 1,
      price: '1.00',
    }));
    given({ lines });
    const { records } = await readStream(source, 'orders');
    expect((records[0] as { lines: unknown[] }).lines).toHaveLength(530);
  });

  it('gives refunds whose money has gone, and returns, under their orders', async () => {
    const order = given();
    const line = order.lines[0]!.id;
    const refund = (transaction: string, quantity: number) => ({
      id: nextId('Refund'),
      transaction,
      lines: quantity ? [{ line, quantity }] : [],
    });
    order.refunds.push(refund('SUCCESS', 1), refund('PENDING', 1), refund('SUCCESS', 0));
    order.returns.push({ id: nextId('Return'), status: 'OPEN', lines: [{ line, quantity: 1 }] });
    const facts = { channel: 'shopify', orderExternalId: tail(order.id) };
    const lines = [{ orderLineExternalId: tail(line), quantity: 1 }];
    expect((await readStream(source, 'refunds')).records).toEqual([
      expect.objectContaining({ ...facts, externalId: tail(order.refunds[0]!.id), lines }),
    ]);
    expect((await readStream(source, 'returns')).records).toEqual([
      expect.objectContaining({ ...facts, status: 'APPROVED', lines }),
    ]);
  });

  it('reads all refunds of an order that has many', async () => {
    const order = given();
    const lines = [{ line: order.lines[0]!.id, quantity: 1 }];
    for (let count = 0; count < 45; count++)
      order.refunds.push({ id: nextId('Refund'), transaction: 'SUCCESS', lines });
    expect((await readStream(source, 'refunds')).records).toHaveLength(45);
  });

  it('makes a dead letter of a status that nobody foresaw, and the stream goes on', async () => {
    given({ status: 'HALF_PAID_IN_GOLD' });
    given();
    const { records, problems } = await readStream(source, 'orders');
    expect(problems).toEqual([expect.stringContaining('HALF_PAID_IN_GOLD')]);
    expect(records).toHaveLength(1);
  });

  it('begins the list anew before the 25,000th object', async () => {
    const start = Date.parse('2026-11-01T00:00:00Z');
    for (let index = 0; index < 25_300; index++) {
      const id = nextId('Customer');
      bed.customers.set(id, {
        id,
        updatedAt: `${new Date(start + index * 1000).toISOString().slice(0, 19)}Z`,
      });
    }
    const large = shopifyConnector.open({ ...bed.config, pageSize: 250 });
    const ids = new Set<string>();
    for await (const { records } of large.read(await streamNamed(large, 'customers'), null, never))
      for (const { id } of records) ids.add(id);
    expect(ids.size).toBe(25_300);
  }, 60_000);

  it('waits for its points instead of being refused', async () => {
    await bed.put(30);
    const small = shopifyConnector.open({ ...bed.config, pageSize: 1 });
    const points = { available: 100, most: 100, restore: 1_000, cost: 50 };
    Object.assign(bed.points, points);
    const { ids } = await readStream(small, 'customers');
    expect(ids).toHaveLength(30);
    expect(bed.http.calls).toHaveLength(30); // none was asked twice
  });

  it('says what is wrong where the query is refused', async () => {
    const odd = shopifyConnector.open({ ...bed.config, apiVersion: '2020-01' });
    expect(await odd.check(never)).toEqual({ ok: false, message: expect.stringContaining('404') });
  });

  it('hints at the stream of the topic; a repetition has the same id; a topic of no stream says nothing', async () => {
    const order = given();
    const push = bed.pushOf('orders/updated', { id: Number(tail(order.id)) }, 'push-1');
    const { hints } = await source.webhook!.receive(push);
    expect(hints).toEqual([{ pushId: 'push-1', stream: 'orders', recordIds: [order.id] }]);
    expect(await source.webhook!.receive(push)).toEqual({ hints });
    expect(await source.webhook!.receive(bed.pushOf('themes/publish', { id: 1 }))).toEqual({ hints: [] });
    const read = await source.webhook!.readBack(await streamNamed(source, 'orders'), [order.id], never);
    expect(read.map(({ id }) => id)).toEqual([order.id]);
  });

  it('verifies the bytes by a signature made elsewhere', async () => {
    // printf '{"id":42}' | openssl dgst -sha256 -hmac shopify-client-secret-0123456789 -binary | base64
    const headers = {
      'x-shopify-hmac-sha256': 'GeSaPrr4QNWSkNXEUrEpzu864MFFo8dynOvd05E8SXM=',
      'x-shopify-topic': 'orders/updated',
    };
    const push = { ...bed.pushOf('', {}), headers, body: Buffer.from('{"id":42}') };
    expect((await source.webhook!.receive(push)).hints[0]?.recordIds).toEqual(['gid://shopify/Order/42']);
    const spaced = { ...push, body: Buffer.from('{"id": 42}') };
    await expect(source.webhook!.receive(spaced)).rejects.toThrow(PushRefused);
  });

  it('finds by polling what a lost push would have told, and a late one changes nothing', async () => {
    const first = given();
    const { cursor } = await readStream(source, 'orders');
    const lost = given();
    const next = await readStream(source, 'orders', cursor);
    expect(next.ids).toContain(lost.id);
    const late = await source.webhook!.receive(
      bed.pushOf('orders/updated', { admin_graphql_api_id: first.id }),
    );
    const stream = await streamNamed(source, 'orders');
    const [now] = await source.webhook!.readBack(stream, late.hints[0]!.recordIds, never);
    expect(now?.data.updatedAt).toBe(first.updatedAt);
  });
});
