import { socketClient } from '../../../support/client.ts';
import { liveAtpCases } from '../../../support/inventory/live-atp-cases.ts';

/** Live ATP over WebSockets. */
liveAtpCases(socketClient);
