import type { AskedBed } from '../../../connectors/spi/conformance/index.ts';
import {
  ContractHttp,
  type ContractAnswer,
  type ContractCall,
} from '../../support/connectors/contract-http.ts';

/**
 * Behaves as "Shipment Tracking - Unified" of developer.dhl.com/api-reference/shipment-tracking says; a comment names what.
 * The layout of an answer is that of its published example.
 */

const KEY = 'dhl-key-0123456789';

export interface DhlContractEvent {
  timestamp: string;
  statusCode: string;
  description: string;
  locality?: string;
}

export interface DhlBed extends AskedBed {
  parcels: NonNullable<AskedBed['parcels']>;
  /** By the number that is asked for: shipments of all parts of DHL. */
  shipments: Map<string, { id: string | number; service: string; events: DhlContractEvent[] }[]>;
  calls: readonly ContractCall[];
}

export async function startDhl(): Promise<DhlBed> {
  const shipments: DhlBed['shipments'] = new Map();
  const problem = (status: number, title: string, detail: string): ContractAnswer => ({
    status,
    body: { status, title, detail },
  });
  const http = new ContractHttp(answer, {
    // "429: Too many requests"
    THROTTLED: () => problem(429, 'Too many requests', 'Too many requests within defined time period.'),
    REFUSED: () => problem(401, 'Unauthorized', 'Invalid api key.'),
  });
  const url = await http.start();

  function answer({ path, query, headers }: ContractCall): ContractAnswer {
    // "GET /track/shipments?trackingNumber=", "DHL-API-Key in the header"
    if (path !== '/track/shipments') return { status: 404, body: '' };
    if (headers['dhl-api-key'] !== KEY) return problem(401, 'Unauthorized', 'Invalid api key.');
    const service = query.get('service');
    const found = (shipments.get(query.get('trackingNumber') ?? '') ?? []).filter(
      (shipment) => service === null || shipment.service === service,
    );
    // "404: No shipment with given tracking number found."
    if (found.length === 0)
      return problem(404, 'No result found', 'No shipment with given tracking number found.');
    return { body: { shipments: found.map(shipmentOf) } };
  }

  const known = { carrier: 'DHL-EXPRESS', trackingNumber: '7777777770' };
  shipments.set(known.trackingNumber, [
    {
      id: 7777777770,
      service: 'express',
      events: [
        {
          timestamp: '2026-11-25T14:05:00Z',
          statusCode: 'transit',
          description: 'Arrived',
          locality: 'LEIPZIG',
        },
        { timestamp: '2026-11-25T09:30:00+01:00', statusCode: 'pre-transit', description: 'Label made' },
      ],
    },
  ]);
  return {
    config: { url, apiKey: KEY, carriers: ['DHL-EXPRESS'], callEverySeconds: 0.02 },
    secrets: [KEY],
    parcels: { known, unknown: { carrier: 'DHL-EXPRESS', trackingNumber: '1111111111' } },
    shipments,
    calls: http.calls,
    fail: (fault, after) => http.fail(fault, after),
    heal: () => http.heal(),
    stop: () => http.stop(),
  };
}

/** Events come newest first, as in the published example. */
function shipmentOf({
  id,
  service,
  events,
}: {
  id: string | number;
  service: string;
  events: DhlContractEvent[];
}) {
  return {
    id,
    service,
    events: events.map(({ locality, ...event }) => ({
      ...event,
      status: event.statusCode.toUpperCase(),
      ...(locality && { location: { address: { addressLocality: locality, countryCode: 'DE' } } }),
    })),
  };
}
