import { socketClient } from '../support/client.ts';
import { liveAtpCases } from './live-atp-cases.ts';

/** Live ATP over WebSockets. */
liveAtpCases(socketClient);
