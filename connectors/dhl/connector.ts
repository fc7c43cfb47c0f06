import {
  checked,
  withoutStreams,
  type Connector,
  type Source,
  type TrackedParcel,
  type TrackingEvent,
} from '../spi/index.ts';
import { DhlClient, type DhlEvent } from './client.ts';
import { dhlConfig, type DhlConfig } from './config.ts';

/** Of the shape of a number that DHL does not give. */
const NO_PARCEL = '0000000000';

/** DHL's tracking of all its parts. */
export const dhlConnector: Connector = {
  spec: { id: 'dhl', kind: 'LOGISTICS', title: 'DHL', configSchema: dhlConfig.jsonSchema },
  open: (config) => source(dhlConfig.parse(config)),
};

function source(config: DhlConfig): Source {
  const client = new DhlClient(config);
  const carriers = new Set(config.carriers);
  const track = async ({ carrier, trackingNumber }: TrackedParcel, signal: AbortSignal) => {
    if (!carriers.has(carrier)) return [];
    const shipment = await client.shipment(trackingNumber, signal);
    return (shipment?.events ?? [])
      .flatMap((event) => eventOf(trackingNumber, event))
      .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  };
  return {
    ...withoutStreams,
    check: (signal) => checked(() => client.shipment(NO_PARCEL, signal), 'DHL answers.', signal),
    tracking: {
      maxNumbers: 1,
      track: async (parcels, signal) =>
        (await Promise.all(parcels.map((parcel) => track(parcel, signal)))).flat(),
    },
  };
}

/** The API's whole list of `statusCode`; `unknown` is a step on the way, whose text says what it is. */
const STATUSES: Readonly<Record<string, TrackingEvent['status']>> = {
  'pre-transit': 'INFO_RECEIVED',
  transit: 'IN_TRANSIT',
  delivered: 'DELIVERED',
  failure: 'EXCEPTION',
  unknown: 'IN_TRANSIT',
};

/** None where the event has no time that can be read. */
function eventOf(trackingNumber: string, event: DhlEvent): TrackingEvent[] {
  const at = instantOf(event.timestamp ?? '');
  if (Number.isNaN(at.getTime())) return [];
  const place = event.location?.address?.addressLocality;
  return [
    {
      trackingNumber,
      status: STATUSES[event.statusCode ?? ''] ?? 'IN_TRANSIT',
      at: at.toISOString(),
      text: event.description ?? event.status ?? '',
      ...(place && { place }),
    },
  ];
}

/** Some parts of DHL give the time of the place without its offset: taken as UTC, the order of events is kept. */
function instantOf(timestamp: string): Date {
  return new Date(/(Z|[+-]\d\d:?\d\d)$/.test(timestamp) ? timestamp : `${timestamp}Z`);
}
