import { jdConnector } from '../../../connectors/jd/connector.ts';
import type { ConformanceKit } from '../../../connectors/spi/conformance/index.ts';
import { startJd } from './contract-server.ts';

const kit: ConformanceKit = { connector: jdConnector, start: startJd };
export default kit;
