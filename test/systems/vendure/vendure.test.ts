import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { PushHint, RawPush } from '../../../connectors/spi/index.ts';
import { opened, vendureCases } from '../../connectors/vendure/cases.ts';
import { never } from '../../connectors/read-all.ts';
import { sourceStream } from '../../connectors/read-source.ts';
import { until } from '../../support/until.ts';
import { describeReal } from '../real-system.ts';
import { startVendure } from './start.ts';

const SECRET = `whsec_${Buffer.from('a secret for the tests of pushes').toString('base64')}`;

describeReal('vendure', () => {
  let vendure: Awaited<ReturnType<typeof startVendure>>;
  let receiver: Server;
  const pushes: RawPush[] = [];
  beforeAll(async () => {
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        pushes.push({
          method: 'POST',
          headers,
          query: {},
          body: Buffer.concat(chunks),
          receivedAt: new Date(),
        });
        response.end('{}');
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const { port } = receiver.address() as AddressInfo;
    vendure = await startVendure({ url: `http://127.0.0.1:${port}/hooks/vendure`, secret: SECRET });
  }, 600_000);
  afterAll(async () => {
    await vendure?.stop();
    receiver?.close();
  });

  vendureCases(() => vendure.shop);

  it('pushes signed hints by our plugin, which are read back', async () => {
    const source = opened(vendure.shop, { webhookSecret: SECRET });
    const order = (await vendure.shop.place({ 'A-1': 1 }))!;
    const refund = await vendure.shop.refund(order, 'A-1', 1);
    await vendure.shop.settleRefund(refund);
    const hints: PushHint[] = [];
    const take = async () => {
      for (const push of pushes.splice(0)) hints.push(...(await source.webhook!.receive(push)).hints);
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
