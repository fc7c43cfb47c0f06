const path = require('node:path');
const { bootstrap } = require('@vendure/core');
const { config } = require('./config.cjs');

const initialData = {
  defaultLanguage: 'en',
  defaultZone: 'Asia',
  countries: [{ name: 'China', code: 'CN', zone: 'Asia' }],
  taxRates: [{ name: 'Standard', percentage: 13 }],
  shippingMethods: [{ name: 'Standard', price: 500 }],
  paymentMethods: [
    {
      name: 'Dummy',
      handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'true' }] },
    },
  ],
  collections: [],
};

async function main() {
  if (process.env.VENDURE_POPULATE === '1') {
    const { populate } = require('@vendure/core/cli');
    const app = await populate(() => bootstrap(config), initialData, path.join(__dirname, 'products.csv'));
    await app.close();
    process.exit(0);
  }
  await bootstrap(config);
  console.log('READY');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
