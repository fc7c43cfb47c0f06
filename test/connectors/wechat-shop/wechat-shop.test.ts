import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { FatalError, PushRefused, RetriableError, type Source } from '../../../connectors/spi/index.ts';
import { wechatShopConnector } from '../../../connectors/wechat-shop/connector.ts';
import { wechatSignature } from '../../../connectors/wechat-shop/safe-mode.ts';
import { never, readStream, streamNamed } from '../../support/connectors/read-stream.ts';
import { vectors } from '../../support/connectors/vectors.ts';
import { nextId, nowSeconds, startWechat, type WechatBed } from './contract-server.ts';

const DAY = 86_400;
let bed: WechatBed;
let source: Source;
beforeEach(async () => {
  bed = await startWechat();
  source = wechatShopConnector.open(bed.config);
});
afterEach(() => bed.stop());

const order = (updated = nowSeconds(), status: number = 20) => {
  const id = nextId();
  bed.orders.set(id, { updated, status });
  return id;
};

describe('the signature of a push', () => {
  it("is that of the platform's own example", () => {
    const signature = wechatSignature('AAAAA', '1714036504', '1514711492');
    expect(signature).toBe('f464b24fc39322e44b38aa78f5edd27bd1441696');
  });

  (vectors ? test : test.skip)('is that of the public vector', () => {
    const { token, timestamp, nonce, sha1_of_sorted_concat } = vectors!.wechat_push_signature!;
    expect(wechatSignature(token!, timestamp!, nonce!)).toBe(sha1_of_sorted_concat);
  });
});

describe('WeChat shop', () => {
  it('gives orders, whose ids are numbers here and texts there, masked data left out', async () => {
    const ids = [order(), order()];
    const read = await readStream(source, 'orders');
    expect(read.problems).toEqual([]);
    expect(read.ids.sort()).toEqual(ids);
    expect(read.records).toContainEqual(
      expect.objectContaining({
        channel: 'wechat',
        externalId: ids[0],
        state: 'PAID',
        totalMinor: 25900,
        buyer: { name: '林晓雨', channelUserId: `o-${ids[0]}` },
        lines: [{ externalId: `${ids[0]}-77`, sku: 'TEE-BLK-M', quantity: 2, unitPriceMinor: 12950 }],
      }),
    );
  });

  it('reads orders in windows of 7 days and after-sales in windows of 24 hours', async () => {
    const ages = [0.5, 3.1, 8.2, 20.3]; // none on the edge of a window, where a record is read twice
    const ids = ages.map((days) => order(nowSeconds() - Math.floor(days * DAY)));
    const long = wechatShopConnector.open({ ...bed.config, historyDays: 25 });
    expect((await readStream(long, 'orders')).ids.sort()).toEqual([...ids].sort());
    const returned = ages.map((days) => {
      const id = nextId();
      const updated = nowSeconds() - Math.floor(days * DAY);
      bed.afterSales.set(id, { updated, status: 'USER_WAIT_RETURN', type: 'RETURN', order: ids[0]! });
      return id;
    });
    expect((await readStream(long, 'returns')).ids.sort()).toEqual([...returned].sort());
  });

  it('gives returns of goods; money alone is none', async () => {
    const of = { updated: nowSeconds(), order: order() };
    const id = nextId();
    bed.afterSales.set(id, { ...of, status: 'MERCHANT_PROCESSING', type: 'RETURN' });
    bed.afterSales.set(nextId(), { ...of, status: 'MERCHANT_REFUND_SUCCESS', type: 'REFUND' });
    const { records, problems } = await readStream(source, 'returns');
    expect(problems).toEqual([]);
    expect(records).toEqual([
      expect.objectContaining({
        externalId: id,
        orderExternalId: of.order,
        status: 'REQUESTED',
        lines: [{ orderLineExternalId: `${of.order}-77`, quantity: 1 }],
      }),
    ]);
  });

  it('makes a dead letter of a status that nobody foresaw, and the stream goes on', async () => {
    order(nowSeconds(), 999);
    order();
    const { records, problems } = await readStream(source, 'orders');
    expect(problems).toEqual([expect.stringContaining('999')]);
    expect(records).toHaveLength(1);
  });

  it('tells trouble that passes from trouble that stays, and quotes no secret', async () => {
    bed.fail('THROTTLED');
    await expect(readStream(source, 'orders')).rejects.toThrow(RetriableError);
    bed.heal();
    const wrong = wechatShopConnector.open({ ...bed.config, appSecret: 'geheim-0123456789' });
    const error = (await readStream(wrong, 'orders').catch((thrown: unknown) => thrown)) as Error;
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).not.toContain('geheim');
  });

  it('echoes what proves the address, if it is signed', async () => {
    const { pushToken } = bed.config as { pushToken: string };
    const push = { ...bed.pushOf('{}'), method: 'GET' as const, body: new Uint8Array() };
    const query = { timestamp: '1', nonce: '2', echostr: 'echo me' };
    const signed = { ...query, signature: wechatSignature(pushToken, '1', '2') };
    const { reply } = await source.webhook!.receive({ ...push, query: signed });
    expect(reply).toEqual({ status: 200, contentType: 'text/plain', body: 'echo me' });
    await expect(source.webhook!.receive({ ...push, query })).rejects.toThrow(PushRefused);
  });

  it('opens messages, hints at what they name, and answers success', async () => {
    const id = order();
    const receive = (event: string) => source.webhook!.receive(bed.pushOf(event));
    const { hints, reply } = await receive(
      `{"Event":"channels_ec_order_new","order_info":{"order_id":"${id}"}}`,
    );
    expect(hints).toEqual([{ pushId: null, stream: 'orders', recordIds: [id] }]);
    expect(reply?.body).toBe('success');
    expect((await receive('{"Event":"channels_ec_order_settle"}')).hints).toMatchObject([{ recordIds: [] }]);
    expect((await receive('{"Event":"channels_ec_aftersale_update"}')).hints).toMatchObject([
      { stream: 'returns' },
    ]);
    expect((await receive('{"Event":"subscribe"}')).hints).toEqual([]);
    const read = await source.webhook!.readBack(await streamNamed(source, 'orders'), [id, '404'], never);
    expect(read.map((record) => record.id)).toEqual([id]);
  });

  it('refuses a message that was made with another key, or for another app', async () => {
    const push = bed.pushOf('{}');
    const key = 'A'.repeat(43);
    const other = wechatShopConnector.open({ ...bed.config, encodingAesKey: key });
    await expect(other.webhook!.receive(push)).rejects.toThrow(PushRefused);
    const another = wechatShopConnector.open({ ...bed.config, appId: 'wx-other' });
    await expect(another.webhook!.receive(push)).rejects.toThrow('another app');
  });
});
