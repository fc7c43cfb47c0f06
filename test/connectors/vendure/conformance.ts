import type { ConformanceKit, TestBed } from '../../../connectors/spi/conformance/index.ts';
import { vendureConnector } from '../../../connectors/vendure/index.ts';
import { signedPush } from '../../support/connectors/signed-push.ts';
import { configOf } from './config-of.ts';
import { ContractShop } from './contract-shop.ts';

const SECRET = `whsec_${Buffer.from('a secret for the suite of all').toString('base64')}`;

/** For the suite that every connector must pass: a shop that behaves like Vendure, filled with orders. */
const kit: ConformanceKit = {
  connector: vendureConnector,
  async start(): Promise<TestBed> {
    const shop = await new ContractShop().listen();
    const { server } = shop;
    const pace = { callsPerSecond: 1_000, retryAfterMs: 5 };
    return {
      config: { ...configOf(shop), pageSize: 100, webhookSecret: SECRET, pace },
      secrets: [shop.apiKey, SECRET],
      async put(given) {
        const ids = typeof given === 'number' ? [] : [...given];
        for (const id of ids) await ship(shop, id);
        if (typeof given === 'number')
          for (let order = 0; order < given; order++) ids.push((await shop.place({ 'A-1': 1 }))!.id);
        return { stream: 'orders', ids };
      },
      fail(fault, after = 0) {
        if (fault === 'REFUSED') shop.refuses = true;
        else server.lasting = { fault: fault === 'THROTTLED' ? 429 : 503, after };
      },
      heal() {
        shop.refuses = false;
        server.lasting = undefined;
      },
      push: (ids) => signedPush(SECRET, [{ stream: 'orders', recordIds: ids }]),
      stockedSkus: ['B-1', 'C-1'],
      async stop() {
        server.close();
      },
    };
  },
};

async function ship(shop: ContractShop, id: string): Promise<void> {
  const { code } = shop.order(id) as unknown as { code: string };
  await shop.moveFulfilment(await shop.pack({ id, code, lines: {} }), 'Shipped');
}

export default kit;
