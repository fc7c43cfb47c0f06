import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { FatalError, RetriableError, type Source } from '../../../connectors/spi/index.ts';
import { taobaoConnector } from '../../../connectors/taobao/connector.ts';
import { topSign } from '../../../connectors/taobao/sign.ts';
import { never, readStream } from '../../support/connectors/read-stream.ts';
import { vectors } from '../../support/connectors/vectors.ts';
import { startTaobao, topTrade, type TaobaoBed, type TopTrade } from './contract-server.ts';

const MINUTE = 60_000;
let bed: TaobaoBed;
let source: Source;
beforeEach(async () => {
  bed = await startTaobao();
  source = taobaoConnector.open(bed.config);
});
afterEach(() => bed.stop());

const given = (change?: Partial<TopTrade>) => {
  const trade = topTrade(change);
  bed.trades.set(trade.tid, trade);
  return trade;
};

describe('the sign of a call', () => {
  it('is HMAC-SHA256 over the sorted parameters without the empty ones', () => {
    // printf 'a1b2' | openssl dgst -sha256 -hmac secret
    const expected = '3A9F9E53162A24430830CCA87B7FB623401B81EB6616A6EA75B3614AEBDC7F4D';
    expect(topSign({ b: '2', a: '1', c: '' }, 'secret')).toBe(expected);
    expect(topSign({ b: '2', a: '1' }, 'Secret')).not.toBe(expected);
  });

  (vectors ? test : test.skip)('is that of the public vector', () => {
    const { params, secret, sign } = vectors!.taobao_top_hmac_sha256!;
    expect(topSign(params, secret!)).toBe(sign);
  });
});

describe('Taobao', () => {
  it('gives trades in full, ids of 19 digits unspoilt, masked data left out', async () => {
    const { tid } = given({ mobile: '138****8000' });
    const { ids, records, problems } = await readStream(source, 'orders');
    expect(problems).toEqual([]);
    expect(ids).toEqual([tid]);
    expect(records).toEqual([
      expect.objectContaining({
        channel: 'tmall',
        externalId: tid,
        state: 'PAID',
        totalMinor: 25900,
        buyer: { channelUserId: `AAE${tid}` },
        shipTo: expect.objectContaining({ province: '浙江', city: '杭州', district: '西湖区' }),
        lines: [{ externalId: `${tid.slice(0, -1)}9`, sku: 'TEE-BLK-M', quantity: 2, unitPriceMinor: 12950 }],
      }),
    ]);
  });

  it('reads history in windows that the gateway takes', async () => {
    const old = [1, 26, 70, 140].map((hours) => given({ modified: Date.now() - hours * 60 * MINUTE }).tid);
    const { ids } = await readStream(taobaoConnector.open({ ...bed.config, historyDays: 7 }), 'orders');
    expect(ids.sort()).toEqual(old.sort());
  });

  it('misses nothing while trades change under its paging', async () => {
    const trades = Array.from({ length: 60 }, (_, index) =>
      given({ modified: Date.now() - (index + 2) * MINUTE }),
    );
    const small = taobaoConnector.open({ ...bed.config, pageSize: 10 });
    bed.afterPage.do = () => {
      // One of the oldest and one of the newest leave the window, since they change again.
      for (const trade of [trades.pop(), trades.shift()])
        if (trade) bed.trades.set(trade.tid, topTrade({ ...trade, modified: Date.now() + 5 * MINUTE }));
    };
    const read = new Set((await readStream(small, 'orders')).ids);
    bed.afterPage.do = undefined;
    for (const { tid } of trades) expect(read).toContain(tid);
  });

  it('finds what the list tells ten minutes late', async () => {
    const { cursor } = await readStream(source, 'orders');
    const late = given({ modified: Date.now() - 10 * MINUTE });
    expect((await readStream(source, 'orders', cursor)).ids).toContain(late.tid);
  });

  it('loses nothing to a clock that is some minutes off, and says so of one that is too far off', async () => {
    bed.clock.aheadMs = -8 * MINUTE;
    const { cursor } = await readStream(source, 'orders');
    const { ids } = await bed.put(1);
    expect((await readStream(source, 'orders', cursor)).ids).toEqual(expect.arrayContaining(ids));
    bed.clock.aheadMs = 11 * MINUTE;
    const error = await readStream(source, 'orders', cursor).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FatalError);
    expect((error as Error).message).toContain('clock');
  });

  it('makes a dead letter of a status that nobody foresaw, and the stream goes on', async () => {
    given({ status: 'WAIT_FOR_GODOT' });
    given();
    const { records, problems } = await readStream(source, 'orders');
    expect(problems).toEqual([expect.stringContaining('WAIT_FOR_GODOT')]);
    expect(records).toHaveLength(1);
  });

  it('tells trouble that passes from trouble that stays, both inside HTTP 200', async () => {
    bed.fail('THROTTLED');
    await expect(readStream(source, 'orders')).rejects.toThrow(RetriableError);
    bed.heal();
    const wrong = taobaoConnector.open({ ...bed.config, appSecret: 'another' });
    await expect(readStream(wrong, 'orders')).rejects.toThrow('25 Invalid signature');
    expect((await wrong.check(never)).ok).toBe(false);
  });
});
