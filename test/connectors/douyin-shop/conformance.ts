import { douyinShopConnector } from '../../../connectors/douyin-shop/connector.ts';
import type { ConformanceKit } from '../../../connectors/spi/conformance/index.ts';
import { startDouyin } from './contract-server.ts';

const kit: ConformanceKit = { connector: douyinShopConnector, start: startDouyin };
export default kit;
