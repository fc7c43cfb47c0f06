import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { financeWebhookConnector } from '../../../connectors/finance-webhook/connector.ts';
import { FatalError, PushRefused, type RawPush } from '../../../connectors/spi/index.ts';
import { mapped, readStream } from '../../support/connectors/read-stream.ts';
import { SECRET, pushOf, refundTold, signedHeaders } from './finance-system.ts';

const MINUTE = 60_000;
const open = (config: Record<string, unknown> = {}) =>
  financeWebhookConnector.open({ secret: SECRET, ...config });
const receive = (push: RawPush, config?: Record<string, unknown>) => open(config).webhook!.receive(push);
const carried = async (push: RawPush, config?: Record<string, unknown>) =>
  (await receive(push, config)).hints.flatMap(({ records = [] }) => records);

describe('a finance webhook', () => {
  it.each([
    ['one refund', JSON.stringify(refundTold('R1'))],
    ['a list of them', JSON.stringify([refundTold('R1')])],
  ])('carries %s', async (_what, body) => {
    const records = await carried(pushOf(body));
    const { records: refunds, problems } = await mapped(open(), 'refunds', records);
    expect(problems).toEqual([]);
    expect(refunds).toEqual([
      {
        externalId: 'R1',
        channel: 'web',
        orderExternalId: 'W-1001',
        settledAt: '2026-11-26T02:00:00.000Z',
        lines: [{ orderLineExternalId: 'W-1001-1', quantity: 1 }],
      },
    ]);
  });

  it('finds refunds and their ids where the configuration says', async () => {
    const body = JSON.stringify({ data: { refunds: [{ key: { no: 7 } }, { key: { no: '8' } }] } });
    const records = await carried(pushOf(body), { recordsAt: 'data.refunds', idAt: 'key.no' });
    expect(records.map(({ id }) => id)).toEqual(['7', '8']);
    await expect(receive(pushOf(body), { recordsAt: 'data.returns' })).rejects.toThrow('no data.returns');
  });

  it('keeps what is no refund, each apart, so that it becomes a dead letter', async () => {
    const records = await carried(pushOf('[{"amount":1},{"amount":2},"what?"]'));
    expect(new Set(records.map(({ id }) => id)).size).toBe(3);
    expect((await mapped(open(), 'refunds', records)).problems).toHaveLength(3);
  });

  it('is known again by its signature; sent anew at another time it is another push of the same refunds', async () => {
    const body = JSON.stringify(refundTold('R1'));
    const at = (ms: number) => receive(pushOf(body, signedHeaders(body, new Date(Date.now() - ms))));
    const [one, other] = [(await at(0)).hints[0]!, (await at(MINUTE)).hints[0]!];
    expect(other.pushId).not.toBe(one.pushId);
    expect(other.records).toEqual(one.records);
  });

  it('is refused when its time is too far from now, and when the time is not the signed one', async () => {
    const body = JSON.stringify(refundTold('R1'));
    const old = signedHeaders(body, new Date(Date.now() - 6 * MINUTE));
    await expect(receive(pushOf(body, old))).rejects.toThrow('too far from now');
    await expect(receive(pushOf(body, old), { toleranceSeconds: 600 })).resolves.toBeDefined();
    const ahead = signedHeaders(body, new Date(Date.now() + 6 * MINUTE));
    await expect(receive(pushOf(body, ahead))).rejects.toThrow(PushRefused);
    const moved = { ...old, 'x-timestamp': signedHeaders(body)['x-timestamp']! };
    await expect(receive(pushOf(body, moved))).rejects.toThrow('x-signature');
  });

  it('may be signed as the configuration says: headers, separator, base64, milliseconds', async () => {
    const body = JSON.stringify(refundTold('R1'));
    const time = String(Date.now());
    const signature = createHmac('sha256', SECRET)
      .update(time + body)
      .digest('base64');
    const headers = { 'x-pay-time': time, 'x-pay-sign': signature };
    const config = {
      timestampHeader: 'x-pay-time',
      signatureHeader: 'x-pay-sign',
      separator: '',
      encoding: 'base64',
    };
    await expect(receive(pushOf(body, headers), config)).resolves.toBeDefined();
    await expect(receive(pushOf(body, headers), { ...config, separator: '.' })).rejects.toThrow(PushRefused);
  });

  it('is refused when its body is no JSON, though it is signed', async () => {
    await expect(receive(pushOf('refund_no=R1'))).rejects.toThrow('no JSON');
  });

  it('wants a secret worth the name, and has nothing to read', async () => {
    expect(() => open({ secret: 'short' })).toThrow(FatalError);
    expect((await readStream(open(), 'refunds')).records).toEqual([]);
  });
});
