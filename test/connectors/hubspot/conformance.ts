import { hubspotConnector } from '../../../connectors/hubspot/connector.ts';
import type { ConformanceKit } from '../../../connectors/spi/conformance/index.ts';
import { startHubspot } from './contract-server.ts';

const kit: ConformanceKit = { connector: hubspotConnector, start: startHubspot };
export default kit;
