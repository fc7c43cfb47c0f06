// A default Vendure server: default stock strategies, keys in a header for connectors, the dummy payment handler.
const path = require('node:path');
const { dummyPaymentHandler, DefaultLogger, LogLevel } = require('@vendure/core');

const { VENDURE_PORT, VENDURE_DATABASE, VENDURE_POPULATE, HINTS_PLUGIN, HINTS_URL, HINTS_SECRET } =
  process.env;
const plugins = () => [
  require(path.resolve(HINTS_PLUGIN)).OrderweaveHints.init({ url: HINTS_URL, secret: HINTS_SECRET }),
];

exports.config = {
  apiOptions: {
    port: Number(VENDURE_PORT),
    hostname: '127.0.0.1',
    adminApiPath: 'admin-api',
    shopApiPath: 'shop-api',
  },
  authOptions: {
    tokenMethod: ['bearer', 'cookie', 'api-key'],
    requireVerification: false,
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
    cookieOptions: { secret: 'connector-tests' },
  },
  dbConnectionOptions: {
    type: 'postgres',
    url: VENDURE_DATABASE,
    synchronize: VENDURE_POPULATE === '1',
    logging: false,
    extra: { max: 10 },
  },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Warn }),
  plugins: HINTS_URL ? plugins() : [],
};
