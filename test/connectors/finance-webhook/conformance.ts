import { financeWebhookConnector } from '../../../connectors/finance-webhook/connector.ts';
import type { ConformanceKit } from '../../../connectors/spi/conformance/index.ts';
import { financeBed } from './finance-system.ts';

const kit: ConformanceKit = { connector: financeWebhookConnector, start: async () => financeBed() };
export default kit;
