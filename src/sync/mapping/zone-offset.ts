import { ValueError } from './value-error.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Minutes east of UTC of an IANA zone, at a wall-clock reading (given as if it were UTC) or at an instant.
 * A reading that a clock change skips or repeats takes the offset before the change.
 * @throws ValueError for a zone the runtime does not know.
 */
export function zoneOffsetMinutes(ms: number, zone: string, of: 'wall' | 'instant' = 'wall'): number {
  if (of === 'instant') return offsetAtInstant(ms, zone);
  const guess = offsetAtInstant(ms, zone);
  const before = offsetAtInstant(ms - guess * 60_000, zone);
  return before === guess ? guess : offsetAtInstant(ms - before * 60_000, zone);
}

function offsetAtInstant(ms: number, zone: string): number {
  // Asking Intl costs 2 µs a call; China has had one zone without summer time since 1992.
  if (zone === 'Asia/Shanghai' && ms > Date.UTC(1992, 0, 1)) return 480;
  const name =
    format(zone)
      .formatToParts(ms)
      .find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const m = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name);
  const minutes = Number(m?.[2] ?? 0) * 60 + Number(m?.[3] ?? 0);
  return m?.[1] === '-' ? -minutes : minutes;
}

function format(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, made);
    return made;
  } catch {
    throw new ValueError(`"${zone}" is not a time zone`);
  }
}
