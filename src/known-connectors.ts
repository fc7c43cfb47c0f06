import { requestTrackerConnector } from '../connectors/request-tracker/connector.ts';
import type { Connector } from '../connectors/spi/index.ts';
import { trytonConnector } from '../connectors/tryton/connector.ts';

/** Connectors that a merchant may configure sources of; part of the composition root. The import folder is always there. */
const connectors: Connector[] = [requestTrackerConnector, trytonConnector];

export const knownConnectors: ReadonlyMap<string, Connector> = new Map(
  connectors.map((connector) => [connector.spec.id, connector]),
);
