import { plainText } from './plain-text.ts';
import { ValueError } from './value-error.ts';
import { zoneOffsetMinutes } from './zone-offset.ts';

/** The zone of a sheet that names none: Chinese platforms export Beijing time. */
const DEFAULT_ZONE = 'Asia/Shanghai';

/** A wall-clock reading: what a sheet shows, with the offset only when the sheet wrote one. */
interface WallClock {
  /** The reading as if it were UTC, in milliseconds. */
  asUtcMs: number;
  offsetMinutes?: number;
}

const TIME = String.raw`(?:[T\s]*(上午|下午|中午|晚上|凌晨)?\s*(\d{1,2})[:时点](\d{1,2})(?:分|:(\d{1,2})(?:\.(\d{1,9}))?|分(\d{1,2})秒)?\s*(AM|PM)?)?`;
const ZONE = String.raw`\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?`;
const YEAR_FIRST = new RegExp(
  String.raw`^(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号])${TIME}${ZONE}$`,
  'i',
);
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?$/;
const SERIAL = /^\d{5}(?:\.\d+)?$/;
/** Excel's day 0 in its 1900 system, which counts a 29 February 1900 that never was. */
const EXCEL_EPOCH_MS = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;
const EARLIEST_SERIAL = 20_000; // 1954: anything lower is a quantity in the wrong column, not a date

/**
 * "2026/11/3 14:05", "2026-11-03T14:05:00+08:00", "2026年11月3日 下午2:05", "20261103140500", Excel serials
 * (46329.5868), Unix seconds and milliseconds, Date objects → ISO 8601 in UTC ("2026-11-03T06:05:00.000Z").
 * A reading without zone is taken in `zone`. Undefined for blank.
 * Month-first and day-first dates are refused: 3/11/2026 means two different days.
 * @throws ValueError when the text is none of these or names a day or time that does not exist.
 */
export function parseInstant(value: unknown, zone = DEFAULT_ZONE): string | undefined {
  if (value instanceof Date) return isoOrThrow(value.getTime(), String(value));
  const text = plainText(value);
  if (text === undefined) return undefined;
  const unixMs = readUnixTime(text);
  if (unixMs !== undefined) return isoOrThrow(unixMs, text);
  const { asUtcMs, offsetMinutes } = readWallClock(text);
  const offset = offsetMinutes ?? zoneOffsetMinutes(asUtcMs, zone);
  return isoOrThrow(asUtcMs - offset * 60_000, text);
}

/** The same notations → the calendar day in `zone` as "yyyy-mm-dd". Undefined for blank. @throws ValueError */
export function parseDay(value: unknown, zone = DEFAULT_ZONE): string | undefined {
  const text = plainText(value);
  if (text !== undefined && readUnixTime(text) === undefined) {
    const wall = readWallClock(text);
    // Without an offset the sheet already names the day; no zone can change it.
    if (wall.offsetMinutes === undefined) return isoOrThrow(wall.asUtcMs, text).slice(0, 10);
  }
  const instant = parseInstant(value, zone);
  if (instant === undefined) return undefined;
  const ms = Date.parse(instant);
  const localMs = ms + zoneOffsetMinutes(ms, zone, 'instant') * 60_000;
  return isoOrThrow(localMs, String(value)).slice(0, 10);
}

/** Ten digits are Unix seconds, thirteen milliseconds; both from 2001 on. */
function readUnixTime(text: string): number | undefined {
  if (/^[1-9]\d{9}$/.test(text)) return Number(text) * 1000;
  return /^[1-9]\d{12}$/.test(text) ? Number(text) : undefined;
}

function readWallClock(text: string): WallClock {
  const wall = readYearFirst(text) ?? readCompact(text) ?? readSerial(text);
  if (!wall) throw new ValueError(`cannot read "${text}" as a date`);
  return wall;
}

function readYearFirst(text: string): WallClock | undefined {
  const m = YEAR_FIRST.exec(text);
  if (!m) return undefined;
  const [, year, , m1, d1, m2, d2, half, hour, minute, s1, fraction = '', s2, ampm, zone] = m;
  const asUtcMs = wallClockMs(text, {
    year: Number(year),
    month: Number(m1 ?? m2),
    day: Number(d1 ?? d2),
    hour: hour === undefined ? 0 : hourOfDay(text, Number(hour), half ?? ampm?.toUpperCase()),
    minute: Number(minute ?? 0),
    second: Number(s1 ?? s2 ?? 0),
    millisecond: Number(fraction.slice(0, 3).padEnd(3, '0')),
  });
  return zone === undefined ? { asUtcMs } : { asUtcMs, offsetMinutes: readOffset(zone) };
}

function readCompact(text: string): WallClock | undefined {
  const m = COMPACT.exec(text);
  if (!m) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = m
    .slice(1)
    .map((part) => Number(part ?? 0));
  return { asUtcMs: wallClockMs(text, { year, month, day, hour, minute, second, millisecond: 0 }) };
}

/** Excel's days since 1899-12-30; the fraction is the time, exact to the second. */
function readSerial(text: string): WallClock | undefined {
  if (!SERIAL.test(text) || Number(text) < EARLIEST_SERIAL) return undefined;
  const seconds = Math.round(Number(text) * 86_400);
  return { asUtcMs: EXCEL_EPOCH_MS + seconds * 1000 };
}

interface ClockParts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

function wallClockMs(text: string, at: ClockParts): number {
  const midnight = Date.UTC(at.year, at.month - 1, at.day);
  const day = new Date(midnight);
  // Date.UTC rolls 31 February over into March: a day that changes is a day that does not exist.
  const exists = day.getUTCMonth() === at.month - 1 && day.getUTCDate() === at.day && at.year >= 1900;
  if (!exists || at.hour > 23 || at.minute > 59 || at.second > 59) {
    throw new ValueError(`"${text}" names a date or time that does not exist`);
  }
  const seconds = (at.hour * 60 + at.minute) * 60 + at.second;
  return midnight + (seconds % (DAY_MS / 1000)) * 1000 + at.millisecond;
}

function hourOfDay(text: string, hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour > 12 && half === 'AM') throw new ValueError(`"${text}" names a date or time that does not exist`);
  const afternoon = half === 'PM' || half === '下午' || half === '晚上';
  if (half === '中午') return hour < 10 ? hour + 12 : hour;
  if (afternoon) return hour < 12 ? hour + 12 : hour;
  return hour === 12 ? 0 : hour;
}

function readOffset(zone: string): number {
  const m = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (!m) return 0;
  const minutes = Number(m[2]) * 60 + Number(m[3]);
  return m[1] === '-' ? -minutes : minutes;
}

function isoOrThrow(ms: number, text: string): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) throw new ValueError(`cannot read "${text}" as a date`);
  return date.toISOString();
}
