import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { emptyDatabase, ended, installed, ran, started } from '../run-system.ts';
import { freePort } from '../../support/free-port.ts';
import { realShop } from './real-shop.ts';

const PACKAGES = ['@medusajs/medusa@2.21.2', '@medusajs/framework@2.21.2', '@medusajs/cli@2.21.2'];
const CLI = 'node_modules/@medusajs/cli/cli.js';
const SUBSCRIBER = 'orderweave-hints.js';
const SHIPPED = path.resolve(import.meta.dirname, '../../../docs/connectors/medusa', SUBSCRIBER);
const ADMIN = { email: 'admin@x.test', password: 'connector-tests' };

/** Medusa 2.21.2 on an empty database: four products, payments that are always authorized, our subscriber. */
export async function startMedusa(hints: { url: string; secret: string }) {
  const folder = await installed('medusa', PACKAGES, ['medusa-config.js']);
  const subscribers = path.join(folder, 'src', 'subscribers');
  mkdirSync(subscribers, { recursive: true });
  cpSync(SHIPPED, path.join(subscribers, SUBSCRIBER));
  const database = await emptyDatabase('medusa');
  const port = await freePort();
  const environment = {
    DATABASE_URL: database.url,
    MEDUSA_DISABLE_TELEMETRY: 'true',
    NODE_ENV: 'production',
    ORDERWEAVE_URL: hints.url,
    ORDERWEAVE_SECRET: hints.secret,
  };
  await ran(folder, [CLI, 'db:migrate', '--skip-scripts'], environment);
  await ran(folder, [CLI, 'user', '-e', ADMIN.email, '-p', ADMIN.password], environment);
  const start = [CLI, 'start', '-p', String(port), '-H', '127.0.0.1'];
  const server = await started(folder, start, environment, 'Server is ready');
  return {
    shop: await realShop(`http://127.0.0.1:${port}`, ADMIN),
    async stop() {
      await ended(server);
      await database.drop();
    },
  };
}
