import { kuaidi100Connector } from '../../../connectors/kuaidi100/connector.ts';
import type { ConformanceKit } from '../../../connectors/spi/conformance/index.ts';
import { startKuaidi100 } from './contract-server.ts';

const kit: ConformanceKit = { connector: kuaidi100Connector, start: startKuaidi100 };
export default kit;
