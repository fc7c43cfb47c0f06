import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { jdConnector } from '../../../connectors/jd/connector.ts';
import { jdSign } from '../../../connectors/jd/sign.ts';
import { RetriableError, type Source } from '../../../connectors/spi/index.ts';
import { readStream } from '../../support/connectors/read-stream.ts';
import { vectors } from '../../support/connectors/vectors.ts';
import { jdOrder, startJd, type JdBed, type JdShopOrder } from './contract-server.ts';

const MINUTE = 60_000;
let bed: JdBed;
let source: Source;
beforeEach(async () => {
  bed = await startJd();
  source = jdConnector.open(bed.config);
});
afterEach(() => bed.stop());

const given = (change?: Partial<JdShopOrder>) => {
  const order = jdOrder(change);
  bed.orders.set(order.orderId, order);
  return order;
};

describe('the sign of a call', () => {
  it('is MD5 between two secrets, upper-case', () => {
    // printf 'secreta1b2secret' | md5sum
    expect(jdSign({ b: '2', a: '1' }, 'secret')).toBe('EF16F26C937CF52AE6F85DF2FD08B24A');
  });

  (vectors ? test : test.skip)('is that of the public vector', () => {
    const { params, secret, sign } = vectors!.jd_md5!;
    expect(jdSign(params, secret!)).toBe(sign);
  });
});

describe('JD', () => {
  it.each([true, false])(
    'gives orders, ids beyond 2^53 unspoilt (the result is a text: %s)',
    async (asText) => {
      bed.inner.asText = asText;
      const { orderId } = given();
      const { records, problems } = await readStream(source, 'orders');
      expect(problems).toEqual([]);
      expect(records).toEqual([
        expect.objectContaining({
          channel: 'jd',
          externalId: orderId,
          state: 'PAID',
          totalMinor: 25900,
          buyer: { name: '林晓雨', phone: '13800138000', channelUserId: `oid-${orderId}` },
          lines: [
            {
              externalId: `${orderId}-${orderId.slice(0, -1)}7`,
              sku: 'TEE-BLK-M',
              quantity: 2,
              unitPriceMinor: 12950,
            },
          ],
        }),
      ]);
    },
  );

  it('reads history window by window', async () => {
    const old = [1, 26, 70].map((hours) => given({ modified: Date.now() - hours * 60 * MINUTE }).orderId);
    const { ids } = await readStream(jdConnector.open({ ...bed.config, historyDays: 4 }), 'orders');
    expect(ids.sort()).toEqual(old.sort());
  });

  it('loses nothing to a clock that is some minutes off, and says so of one that is too far off', async () => {
    bed.clock.aheadMs = -5 * MINUTE;
    const { cursor } = await readStream(source, 'orders');
    const { ids } = await bed.put(1);
    expect((await readStream(source, 'orders', cursor)).ids).toEqual(expect.arrayContaining(ids));
    bed.clock.aheadMs = 7 * MINUTE;
    await expect(readStream(source, 'orders', cursor)).rejects.toThrow('clock');
  });

  it('makes a dead letter of a status that nobody foresaw, and the stream goes on', async () => {
    given({ state: 'DISPATCHED_BY_DRONE' });
    given();
    const { records, problems } = await readStream(source, 'orders');
    expect(problems).toEqual([expect.stringContaining('DISPATCHED_BY_DRONE')]);
    expect(records).toHaveLength(1);
  });

  it('tells trouble that passes from trouble that stays, both inside HTTP 200', async () => {
    bed.fail('THROTTLED');
    await expect(readStream(source, 'orders')).rejects.toThrow(RetriableError);
    bed.heal();
    const wrong = jdConnector.open({ ...bed.config, appSecret: 'another' });
    await expect(readStream(wrong, 'orders')).rejects.toThrow('12 Invalid sign');
  });
});
