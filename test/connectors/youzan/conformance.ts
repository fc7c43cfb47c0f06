import type { ConformanceKit } from '../../../connectors/spi/conformance/index.ts';
import { youzanConnector } from '../../../connectors/youzan/connector.ts';
import { startYouzan } from './contract-server.ts';

const kit: ConformanceKit = { connector: youzanConnector, start: startYouzan };
export default kit;
