import type { ConformanceKit } from '../../../connectors/spi/conformance/index.ts';
import { zendeskConnector } from '../../../connectors/zendesk/connector.ts';
import { startZendesk } from './contract-server.ts';

const kit: ConformanceKit = { connector: zendeskConnector, start: startZendesk };
export default kit;
