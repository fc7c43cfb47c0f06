import path from 'node:path';
import { emptyDatabase, ended, installed, ran, started } from '../run-system.ts';
import { freePort } from '../../support/free-port.ts';
import { realShop } from './real-shop.ts';

const PACKAGES = ['@vendure/core@3.7.3', 'pg@8.23.0', 'typeorm@0.3'];
const FILES = ['config.cjs', 'server.cjs', 'products.csv'];
const PLUGIN = path.resolve(import.meta.dirname, '../../../docs/connectors/vendure/orderweave-hints.cjs');

/** Vendure 3.7.3 on an empty database: four products, dummy payments, our plugin. */
export async function startVendure(hints: { url: string; secret: string }) {
  const folder = await installed('vendure', PACKAGES, [...FILES]);
  const database = await emptyDatabase('vendure');
  const port = await freePort();
  const environment = {
    VENDURE_PORT: String(port),
    VENDURE_DATABASE: database.url,
    NODE_PATH: path.join(folder, 'node_modules'),
  };
  await ran(folder, ['server.cjs'], { ...environment, VENDURE_POPULATE: '1' });
  const server = await started(
    folder,
    ['server.cjs'],
    { ...environment, HINTS_PLUGIN: PLUGIN, HINTS_URL: hints.url, HINTS_SECRET: hints.secret },
    'READY',
  );
  return {
    shop: await realShop(`http://127.0.0.1:${port}`),
    async stop() {
      await ended(server);
      await database.drop();
    },
  };
}
