import { FatalError, RetriableError } from '../errors.ts';
import { failureOf, must, mustNotTell } from './expect.ts';
import type { Check, ConformanceKit, Fault, SourceBed } from './kit.ts';
import { never, opened } from './reading.ts';

function trackingOf(kit: ConformanceKit, bed: SourceBed) {
  const { tracking } = opened(kit, bed);
  must(tracking !== undefined && bed.parcels !== undefined, 'It tracks: the kit must have `parcels`.');
  return { tracking, ...bed.parcels };
}

const tracks = (kit: ConformanceKit, bed: SourceBed) => opened(kit, bed).tracking !== undefined;

async function failureOfTracking(kit: ConformanceKit, bed: SourceBed, fault: Fault) {
  const { tracking, known } = trackingOf(kit, bed);
  must(bed.fail !== undefined, 'It asks a carrier: the kit must have `fail`.');
  bed.fail(fault);
  const error = await failureOf(() => tracking.track([known], never));
  mustNotTell(error, bed.secrets, 'the error');
  return error;
}

/** Rules of sources that say where parcels are. */
export const trackingChecks: readonly Check[] = [
  {
    name: 'a parcel has its events, oldest first and each at an instant; one that the carrier does not know has none',
    concerns: tracks,
    async run(kit, bed) {
      const { tracking, known, unknown } = trackingOf(kit, bed);
      must(tracking.maxNumbers >= 1, 'maxNumbers is the most numbers of a call: at least one.');
      const events = await tracking.track([known], never);
      must(events.length > 0, `There is no event of ${known.trackingNumber}.`);
      for (const { at, trackingNumber } of events) {
        must(
          /(Z|[+-]\d\d:\d\d)$/.test(at) && !Number.isNaN(Date.parse(at)),
          `${at} has no zone, or is no instant.`,
        );
        must(trackingNumber === known.trackingNumber, `${trackingNumber} was not asked for.`);
      }
      const times = events.map(({ at }) => Date.parse(at));
      must(
        times.every((time, index) => index === 0 || times[index - 1]! <= time),
        'The events are not in their order.',
      );
      must((await tracking.track([unknown], never)).length === 0, 'An unknown parcel has events.');
    },
  },
  ...(['UNAVAILABLE', 'THROTTLED'] as const).map((fault): Check => ({
    name: `a carrier that is ${fault} may be asked later, and no secret is told`,
    concerns: tracks,
    async run(kit, bed) {
      const error = await failureOfTracking(kit, bed, fault);
      must(error instanceof RetriableError, `It is a ${error.name}: it may pass.`);
    },
  })),
  {
    name: 'credentials that a carrier refuses need a person',
    concerns: tracks,
    async run(kit, bed) {
      const error = await failureOfTracking(kit, bed, 'REFUSED');
      must(error instanceof FatalError, `It is a ${error.name}: a wrong key stays wrong.`);
    },
  },
];
