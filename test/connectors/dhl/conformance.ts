import { dhlConnector } from '../../../connectors/dhl/connector.ts';
import type { ConformanceKit } from '../../../connectors/spi/conformance/index.ts';
import { startDhl } from './contract-server.ts';

const kit: ConformanceKit = { connector: dhlConnector, start: startDhl };
export default kit;
