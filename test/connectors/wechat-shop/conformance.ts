import type { ConformanceKit } from '../../../connectors/spi/conformance/index.ts';
import { wechatShopConnector } from '../../../connectors/wechat-shop/connector.ts';
import { startWechat } from './contract-server.ts';

const kit: ConformanceKit = { connector: wechatShopConnector, start: startWechat };
export default kit;
