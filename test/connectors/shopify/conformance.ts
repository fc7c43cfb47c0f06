import { shopifyConnector } from '../../../connectors/shopify/connector.ts';
import type { ConformanceKit } from '../../../connectors/spi/conformance/index.ts';
import { startShopify } from './contract-server.ts';

const kit: ConformanceKit = { connector: shopifyConnector, start: startShopify };
export default kit;
