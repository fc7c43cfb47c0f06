import type { ConformanceKit } from '../spi/conformance/index.ts';
import { sampleApiConnector } from './connector.ts';
import { startContractServer } from './contract-server.ts';

/** `npm run conformance -- connectors/sample-api` */
const kit: ConformanceKit = { connector: sampleApiConnector, start: startContractServer };
export default kit;
