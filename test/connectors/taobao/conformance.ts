import type { ConformanceKit } from '../../../connectors/spi/conformance/index.ts';
import { taobaoConnector } from '../../../connectors/taobao/connector.ts';
import { startTaobao } from './contract-server.ts';

const kit: ConformanceKit = { connector: taobaoConnector, start: startTaobao };
export default kit;
