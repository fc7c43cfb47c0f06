import type { Connector } from '../connectors/spi/index.ts';
import { vendureConnector } from '../connectors/vendure/index.ts';

/** Connectors that a merchant may configure sources of; part of the composition root. The import folder is always there. */
const connectors: Connector[] = [vendureConnector];

export const knownConnectors: ReadonlyMap<string, Connector> = new Map(
  connectors.map((connector) => [connector.spec.id, connector]),
);
