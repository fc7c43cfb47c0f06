import type { ConformanceKit, TestBed } from '../../../connectors/spi/conformance/index.ts';
import { medusaConnector } from '../../../connectors/medusa/index.ts';
import { signedPush } from '../../support/connectors/signed-push.ts';
import { configOf, SECRET } from './config-of.ts';
import { ContractShop } from './contract-shop.ts';
import type { PlacedOrder } from './shop.ts';

/** For the suite that every connector must pass: a shop that behaves like Medusa, filled with orders. */
const kit: ConformanceKit = {
  connector: medusaConnector,
  async start(): Promise<TestBed> {
    const shop = await new ContractShop().listen();
    const { server } = shop;
    return {
      config: { ...configOf(shop), pageSize: 100, webhookSecret: SECRET },
      secrets: [shop.apiKey, SECRET],
      async put(given) {
        const ids = typeof given === 'number' ? [] : [...given];
        for (const id of ids) await shop.deliver({ id } as PlacedOrder);
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

export default kit;
