import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { PushHint } from '../../../connectors/spi/index.ts';
import { startPushReceiver, type PushReceiver } from '../../support/connectors/push-receiver.ts';
import { opened, vendureCases } from '../../connectors/vendure/cases.ts';
import { never } from '../../support/connectors/read-all.ts';
import { sourceStream } from '../../support/connectors/read-source.ts';
import { until } from '../../support/until.ts';
import { describeReal } from '../real-system.ts';
import { startVendure } from './start.ts';

const SECRET = `whsec_${Buffer.from('a secret for the tests of pushes').toString('base64')}`;

describeReal('vendure', () => {
  let vendure: Awaited<ReturnType<typeof startVendure>>;
  let receiver: PushReceiver;
  beforeAll(async () => {
    receiver = await startPushReceiver();
    vendure = await startVendure({ url: receiver.url, secret: SECRET });
  }, 600_000);
  afterAll(async () => {
    await vendure?.stop();
    receiver?.stop();
  });

  vendureCases(() => vendure.shop);

  it('pushes signed hints by our plugin, which are read back', async () => {
    const source = opened(vendure.shop, { webhookSecret: SECRET });
    receiver.pushes.splice(0); // those of the cases before may be too old by now
    const order = (await vendure.shop.place({ 'A-1': 1 }))!;
    const refund = await vendure.shop.refund(order, 'A-1', 1);
    await vendure.shop.settleRefund(refund);
    const hints: PushHint[] = [];
    const take = async () => {
      for (const push of receiver.pushes.splice(0))
        hints.push(...(await source.webhook!.receive(push)).hints);
      const of = (stream: string) =>
        hints.filter((hint) => hint.stream === stream).flatMap((hint) => hint.recordIds);
      return of('orders').includes(order.id) && of('refunds').includes(`${order.id}/${refund}`);
    };
    await until(take);
    const [record] = await source.webhook!.readBack(await sourceStream(source, 'orders'), [order.id], never);
    expect(record).toMatchObject({ id: order.id, data: { state: 'PaymentSettled' } });
    const refunds = await source.webhook!.readBack(
      await sourceStream(source, 'refunds'),
      [`${order.id}/${refund}`],
      never,
    );
    expect(refunds).toMatchObject([{ id: `${order.id}/${refund}` }]);
  });
});
