import {
  checked,
  fromBeijingTime,
  withoutStreams,
  type Connector,
  type Source,
  type TrackedParcel,
  type TrackingEvent,
} from '../spi/index.ts';
import { Kuaidi100Client, type Track } from './client.ts';
import { kuaidi100Config, type Kuaidi100Config } from './config.ts';
import { RecentAnswers } from './recent-answers.ts';
import { statusOf } from './statuses.ts';

/** Of the shape of a number that no carrier gives. */
const NO_PARCEL = '000000000000';

/** Kuaidi100 (快递100), which asks Chinese carriers where a parcel is. */
export const kuaidi100Connector: Connector = {
  spec: {
    id: 'kuaidi100',
    kind: 'LOGISTICS',
    title: 'Kuaidi100 (快递100)',
    configSchema: kuaidi100Config.jsonSchema,
  },
  open: (config) => source(kuaidi100Config.parse(config)),
};

function source(config: Kuaidi100Config): Source {
  const client = new Kuaidi100Client(config);
  const recent = new RecentAnswers<TrackingEvent[]>(config.restMinutes * 60_000);
  const [anyCarrier] = Object.values(config.carriers);
  const track = async (parcel: TrackedParcel, signal: AbortSignal): Promise<TrackingEvent[]> => {
    const { carrier, trackingNumber, phoneTail } = parcel;
    const com = config.carriers[carrier];
    // Kuaidi100 takes numbers of 6 to 32 characters.
    if (com === undefined || trackingNumber.length < 6 || trackingNumber.length > 32) return [];
    const key = JSON.stringify([com, trackingNumber, phoneTail]);
    const known = recent.get(key);
    if (known) return known;
    const found = await client.query(com, trackingNumber, phoneTail, signal);
    const events = found ? eventsOf(trackingNumber, found) : [];
    recent.keep(key, events);
    return events;
  };
  return {
    ...withoutStreams,
    check: (signal) =>
      checked(() => client.query(anyCarrier!, NO_PARCEL, undefined, signal), 'Kuaidi100 answers.', signal),
    tracking: {
      maxNumbers: 1,
      track: async (parcels, signal) =>
        (await Promise.all(parcels.map((parcel) => track(parcel, signal)))).flat(),
    },
  };
}

/** Steps whose time cannot be read are left out. */
function eventsOf(trackingNumber: string, { state, data }: Track): TrackingEvent[] {
  const events = data.flatMap((step, index): TrackingEvent[] => {
    const at = fromBeijingTime(step.ftime ?? step.time ?? '');
    if (Number.isNaN(at.getTime())) return [];
    // An account without the status of each step still has that of the parcel: it is the last step's.
    const code = step.statusCode ?? (index === data.length - 1 ? state : undefined);
    const place = step.location || step.areaName;
    return [
      {
        trackingNumber,
        status: statusOf(code),
        at: at.toISOString(),
        text: step.context ?? '',
        ...(place && { place }),
      },
    ];
  });
  return events.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
}
