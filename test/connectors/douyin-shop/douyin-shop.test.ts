import { afterEach, beforeEach, describe, expect, it, jest, test } from '@jest/globals';
import { douyinShopConnector } from '../../../connectors/douyin-shop/connector.ts';
import { douyinSign, sortedJson } from '../../../connectors/douyin-shop/sign.ts';
import { eventSign, PushRefused, RetriableError, type Source } from '../../../connectors/spi/index.ts';
import { never, readStream, streamNamed } from '../../support/connectors/read-stream.ts';
import { vectors } from '../../support/connectors/vectors.ts';
import { douyinOrder, startDouyin, type DouyinBed, type DouyinShopOrder } from './contract-server.ts';

const MINUTE = 60_000;
let bed: DouyinBed;
let source: Source;
beforeEach(async () => {
  bed = await startDouyin();
  source = douyinShopConnector.open(bed.config);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await bed.stop();
});

const given = (change?: Partial<DouyinShopOrder>) => {
  const order = douyinOrder(change);
  bed.orders.set(order.order_id, order);
  return order;
};

describe('signs', () => {
  it('of a call: HMAC-SHA256 of the parts between two secrets', () => {
    const call = {
      appKey: 'app-key',
      method: 'product.detail',
      paramJson: sortedJson({ b: 2, a: 1 }),
      timestamp: '2025-01-02 03:04:05',
    };
    const expected = '4eaefa2d3044c9f9711928edc8cfe5df1b7a8fd2d79d5d62866c79bbc4a09f2a';
    expect(douyinSign(call, 'secret')).toBe(expected);
  });

  (vectors ? test : test.skip)('of a call: the public vector', () => {
    const { app_key, method, param_json, timestamp, secret, sign } = vectors!.doudian_hmac_sha256!;
    const call = { appKey: app_key!, method: method!, paramJson: param_json!, timestamp: timestamp! };
    expect(douyinSign(call, secret!)).toBe(sign);
  });

  it('of a push: MD5 of key, body and secret', () => {
    // printf 'app-key[{"tag":"100"}]secret' | md5sum
    expect(eventSign('app-key', Buffer.from('[{"tag":"100"}]'), 'secret')).toBe(
      '98255c20599b2d782722c69e3f21829c',
    );
  });

  it('sorts the keys at every depth', () => {
    expect(sortedJson({ b: [{ d: 1, c: null }], a: 'x' })).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
  });
});

describe('Douyin shop', () => {
  it.each(['CODE', 'ERR_NO'] as const)('gives orders (success is told by %s)', async (success) => {
    bed.style.success = success;
    const { order_id } = given();
    const { records, problems } = await readStream(source, 'orders');
    expect(problems).toEqual([]);
    expect(records).toEqual([
      expect.objectContaining({
        channel: 'douyin',
        externalId: order_id,
        state: 'PAID',
        totalMinor: 25900,
        buyer: { channelUserId: `open-${order_id}` },
        lines: [{ externalId: `${order_id}1`, sku: 'TEE-BLK-M', quantity: 2, unitPriceMinor: 12950 }],
      }),
    ]);
  });

  it('reads history window by window, and every page of it', async () => {
    const hours = Array.from({ length: 35 }, (_, index) => 1 + index * 2);
    const old = hours.map((hour) => given({ updated: Math.floor(Date.now() / 1000) - hour * 3600 }).order_id);
    const small = douyinShopConnector.open({ ...bed.config, historyDays: 4, pageSize: 5 });
    expect((await readStream(small, 'orders')).ids.sort()).toEqual(old.sort());
  });

  it('loses nothing to a clock that is some minutes off, and says so of one that is too far off', async () => {
    bed.clock.aheadMs = -9 * MINUTE;
    const { cursor } = await readStream(source, 'orders');
    const { ids } = await bed.put(1);
    expect((await readStream(source, 'orders', cursor)).ids).toEqual(expect.arrayContaining(ids));
    bed.clock.aheadMs = 11 * MINUTE;
    await expect(readStream(source, 'orders', cursor)).rejects.toThrow('clock');
  });

  it('asks for another token when the platform does not take the old one, but not again and again', async () => {
    await readStream(source, 'orders');
    bed.tokens.push('given to somebody else');
    const refusal = await readStream(source, 'orders').catch((thrown: unknown) => thrown);
    expect(String(refusal)).toContain('isv.access-token-expired');
    await readStream(source, 'orders');
    bed.tokens.push('given to somebody else');
    const real = Date.now;
    const later = real() + 2 * MINUTE;
    const moved = jest.spyOn(Date, 'now').mockImplementation(() => Math.max(later, real()));
    given();
    expect((await readStream(source, 'orders')).ids.length).toBeGreaterThan(0);
    moved.mockRestore();
  });

  it('makes a dead letter of a status that nobody foresaw, and the stream goes on', async () => {
    given({ status: 777 });
    given();
    const { records, problems } = await readStream(source, 'orders');
    expect(problems).toEqual([expect.stringContaining('777')]);
    expect(records).toHaveLength(1);
  });

  it('tells trouble that passes from trouble that stays, both inside HTTP 200', async () => {
    bed.fail('THROTTLED');
    await expect(readStream(source, 'orders')).rejects.toThrow(RetriableError);
    bed.heal();
    const wrong = douyinShopConnector.open({ ...bed.config, appSecret: 'another' });
    await expect(readStream(wrong, 'orders')).rejects.toThrow('isv.signature-invalid');
  });

  it('hints once for each message, also where it does not know the message', async () => {
    const { order_id } = given();
    const messages = [
      { tag: '100', msg_id: 'm1', data: { p_id: order_id } },
      { tag: '999', msg_id: 'm2' },
    ];
    const { hints, reply } = await source.webhook!.receive(bed.pushOf(messages));
    expect(hints).toEqual([
      { pushId: 'm1', stream: 'orders', recordIds: [order_id] },
      { pushId: 'm2', stream: 'orders', recordIds: [] },
    ]);
    expect(reply?.body).toBe('{"code":0,"msg":"success"}');
    const read = await source.webhook!.readBack(await streamNamed(source, 'orders'), [order_id, '1'], never);
    expect(read.map(({ id }) => id)).toEqual([order_id]);
    const other = { ...bed.pushOf(messages), headers: { ...bed.pushOf(messages).headers, 'app-id': '1' } };
    await expect(source.webhook!.receive(other)).rejects.toThrow(PushRefused);
  });
});
