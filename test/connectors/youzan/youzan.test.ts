import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  eventSign,
  FatalError,
  PushRefused,
  RetriableError,
  type Source,
} from '../../../connectors/spi/index.ts';
import { youzanConnector } from '../../../connectors/youzan/connector.ts';
import { never, readStream, streamNamed } from '../../support/connectors/read-stream.ts';
import {
  nextTid,
  payMessage,
  startYouzan,
  youzanOrder,
  type YouzanBed,
  type YouzanShopOrder,
} from './contract-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let bed: YouzanBed;
let source: Source;
beforeEach(async () => {
  bed = await startYouzan();
  source = youzanConnector.open(bed.config);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await bed.stop();
});

const given = (change?: Partial<YouzanShopOrder>) => {
  const order = youzanOrder(change);
  bed.orders.set(order.tid, order);
  return order;
};

describe('Youzan', () => {
  it('gives orders; what is encrypted is left out of them and kept as it came', async () => {
    const { tid } = given();
    const { records, problems } = await readStream(source, 'orders');
    expect(problems).toEqual([]);
    expect(records).toEqual([
      expect.objectContaining({
        channel: 'youzan',
        externalId: tid,
        state: 'PAID',
        totalMinor: 25900,
        deliveryMethod: 'DELIVERY',
        buyer: { channelUserId: `yz-${tid}` },
        shipTo: { province: '浙江', city: '杭州', district: '西湖区' },
        lines: [{ externalId: `${tid.slice(1)}1`, sku: 'TEE-BLK-M', quantity: 2, unitPriceMinor: 12950 }],
      }),
    ]);
    const [raw] = await source.webhook!.readBack(await streamNamed(source, 'orders'), [tid], never);
    expect(JSON.stringify(raw)).toContain('$kSf8mCbIyZ0=$1$');
  });

  it.each([
    [
      { buyerPhone: '13800138000', receiverName: '林晓雨' },
      { name: '林晓雨', phone: '13800138000' },
    ],
    [{ receiverTel: '13900139000' }, { phone: '13900139000' }],
    [{ buyerPhone: '$Zk1=$1$', receiverTel: '138****8000', receiverName: '林**' }, {}],
  ])('knows a buyer by what can be read: %j', async (shown, buyer) => {
    const { tid } = given(shown);
    const { records } = await readStream(source, 'orders');
    expect(records).toEqual([expect.objectContaining({ buyer: { ...buyer, channelUserId: `yz-${tid}` } })]);
  });

  it('takes an order that is fetched as such, and one that waits for its group as not to be sent yet', async () => {
    given({ expressType: 1, status: 'WAIT_CONFIRM' });
    const { records } = await readStream(source, 'orders');
    expect(records).toEqual([expect.objectContaining({ deliveryMethod: 'PICKUP', state: 'PLACED' })]);
  });

  it('reads history window by window, and every page of it', async () => {
    const ages = Array.from({ length: 35 }, (_, index) => (1 + index * 2) * HOUR);
    const old = ages.map((age) => given({ updated: new Date(Date.now() - age) }).tid);
    const small = youzanConnector.open({ ...bed.config, historyDays: 4, pageSize: 5 });
    expect((await readStream(small, 'orders')).ids.sort()).toEqual(old.sort());
  });

  it('says so when more orders changed within a window than are listed', async () => {
    for (let count = 0; count < 101; count++) given();
    const small = youzanConnector.open({ ...bed.config, pageSize: 1 });
    await expect(readStream(small, 'orders')).rejects.toThrow('set windowHours lower');
  });

  it('loses nothing to a clock that is some minutes off', async () => {
    bed.clock.aheadMs = -9 * MINUTE;
    const { cursor } = await readStream(source, 'orders');
    const { ids } = await bed.put(1);
    expect((await readStream(source, 'orders', cursor)).ids).toEqual(expect.arrayContaining(ids));
  });

  it('finds by its next read what the list shows only after half a minute', async () => {
    const { cursor } = await readStream(source, 'orders');
    const late = given({ updated: new Date(Date.now() - MINUTE) });
    expect((await readStream(source, 'orders', cursor)).ids).toContain(late.tid);
  });

  it('makes a dead letter of a status that nobody foresaw, and the stream goes on', async () => {
    given({ status: 'TRADE_TELEPORTED' });
    given();
    const { records, problems } = await readStream(source, 'orders');
    expect(problems).toEqual([expect.stringContaining('TRADE_TELEPORTED')]);
    expect(records).toHaveLength(1);
  });

  it('tells trouble that passes from trouble that stays, all inside HTTP 200, and quotes no secret', async () => {
    bed.fail('THROTTLED');
    await expect(readStream(source, 'orders')).rejects.toThrow(RetriableError);
    bed.heal();
    const wrong = youzanConnector.open({ ...bed.config, clientSecret: 'geheim-0123456789' });
    const error = (await readStream(wrong, 'orders').catch((thrown: unknown) => thrown)) as Error;
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toBe('auth/token: 1000 应用信息错误.');
  });
});

describe('the token of Youzan', () => {
  const tokenCalls = () => bed.calls.filter(({ path }) => path === '/auth/token').length;
  const later = (ms: number) => {
    const real = Date.now;
    const start = real() + ms;
    jest.spyOn(Date, 'now').mockImplementation(() => Math.max(start, real()));
  };

  it('is kept, and the one that the app has already is taken', async () => {
    bed.tokens.push({ value: 'of an earlier start', ends: Date.now() + 5 * 24 * HOUR });
    await readStream(source, 'orders');
    await readStream(source, 'orders');
    expect(bed.tokens).toHaveLength(1);
    expect(tokenCalls()).toBe(1);
  });

  it('is replaced when it ends soon: asked for again it would be the same one', async () => {
    bed.tokens.push({ value: 'almost over', ends: Date.now() + MINUTE });
    await readStream(source, 'orders');
    expect(bed.tokens).toHaveLength(2);
  });

  it('is asked for again when somebody else has replaced it', async () => {
    await readStream(source, 'orders');
    bed.tokens.push({ value: 'given to somebody else', ends: Date.now() + 24 * HOUR });
    later(2 * MINUTE);
    given();
    expect((await readStream(source, 'orders')).ids).toHaveLength(1);
    expect(bed.tokens).toHaveLength(2);
  });
});

describe('pushes of Youzan', () => {
  const receive = (message: Record<string, unknown>) => source.webhook!.receive(bed.pushOf(message));

  it('are signed by MD5 of client id, body and secret', () => {
    // printf 'client{"id":"E1"}secret' | md5sum
    expect(eventSign('client', Buffer.from('{"id":"E1"}'), 'secret')).toBe(
      '14abaaa618b3f7fddc0740c617549160',
    );
  });

  it('hint at their order, wherever it stands; the order is read back as it is now', async () => {
    const { tid } = given({ status: 'TRADE_SUCCESS' });
    const hint = { pushId: expect.anything(), stream: 'orders', recordIds: [tid] };
    const { hints, reply } = await receive(payMessage(tid));
    expect(hints).toEqual([hint]);
    expect(reply?.body).toContain('success');
    const closed = encodeURIComponent(JSON.stringify({ tid, close_type: 3, close_reason: '不想要了' }));
    expect((await receive({ type: 'trade_TradeClose', msg_id: 'm2', msg: closed })).hints).toEqual([hint]);
    const refunded = { tid, refund_id: '202611270001', refunded_fee: '1.00' };
    const refund = { type: 'youzan_trade_RefundSuccess', id: '202611270001', msg_id: 'm3', msg: refunded };
    expect((await receive(refund)).hints).toEqual([hint]);
    const read = await source.webhook!.readBack(
      await streamNamed(source, 'orders'),
      [tid, nextTid(), 'no number of Youzan'],
      never,
    );
    expect(read.map(({ id }) => id)).toEqual([tid]);
  });

  it('that are repeated, or come late, have the id that they had', async () => {
    const message = payMessage(nextTid());
    const [first] = (await receive(message)).hints;
    const [again] = (await receive({ ...message, sendCount: 3 })).hints;
    expect(again!.pushId).toBe(first!.pushId);
  });

  it('of another shop or about other things hint at nothing; one that names no order has the stream read on', async () => {
    expect((await receive({ ...payMessage(nextTid()), kdt_id: 1 })).hints).toEqual([]);
    expect((await receive({ type: 'POINTS', msg_id: 'm4', msg: '%7B%7D' })).hints).toEqual([]);
    const odd = { type: 'trade_TradeSuccess', msg_id: 'm5', msg: '%7B%7D' };
    expect((await receive(odd)).hints).toEqual([{ pushId: 'm5', stream: 'orders', recordIds: [] }]);
  });

  it('are refused where the sign is not that of the body', async () => {
    const push = bed.pushOf(payMessage(nextTid()));
    const { 'event-sign': sign } = push.headers;
    const upper = { ...push, headers: { ...push.headers, 'event-sign': sign!.toUpperCase() } };
    await expect(source.webhook!.receive(upper)).resolves.toBeDefined();
    const other = youzanConnector.open({ ...bed.config, clientSecret: 'another' });
    await expect(other.webhook!.receive(push)).rejects.toThrow(PushRefused);
  });
});
