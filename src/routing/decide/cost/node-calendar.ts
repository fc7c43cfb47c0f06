/** A node's working days and cut-off in its own time zone, with Intl's zone data; no clock is read here. */
import type { CalendarFacts } from '../facts/routing-facts.ts';

const DAY_MS = 86_400_000;
/** Longer than any holiday: a node that does not open within it is closed. */
const LOOK_AHEAD_DAYS = 60;

/**
 * When work given to the node at `now` leaves it: today's cut-off where today is a working day and the cut-off has not
 * passed, else the cut-off of the next working day. Undefined when the node stays closed.
 */
export function nextDispatch(calendar: CalendarFacts, now: number): number | undefined {
  const today = localDay(calendar.timeZone, now);
  for (let ahead = 0; ahead <= LOOK_AHEAD_DAYS; ahead++) {
    const day = new Date(Date.parse(today) + ahead * DAY_MS).toISOString().slice(0, 10);
    if (!isWorkingDay(calendar, day)) continue;
    const cutOff = instantOf(calendar.timeZone, day, calendar.cutOff);
    if (cutOff > now) return cutOff;
  }
  return undefined;
}

function isWorkingDay(calendar: CalendarFacts, day: string): boolean {
  if (calendar.holidays.includes(day)) return false;
  if (calendar.extraWorkdays?.includes(day)) return true;
  const weekday = new Date(day).getUTCDay() || 7;
  return calendar.workingWeekdays.includes(weekday);
}

/** Making a formatter takes 50 µs, using one 1 µs. A zone's rules do not change while a process runs. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(timeZone, made);
  return made;
}

/** The wall clock of the zone, as if it were UTC. */
function wallClock(timeZone: string, instant: number): number {
  const part = Object.fromEntries(
    formatterOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  return Date.parse(`${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}Z`);
}

function localDay(timeZone: string, instant: number): string {
  return new Date(wallClock(timeZone, instant)).toISOString().slice(0, 10);
}

/**
 * The instant at which the zone's clocks show the day and time. The second step is for days on which the offset
 * changes; a time that such a day skips becomes the one an hour beside it.
 */
function instantOf(timeZone: string, day: string, time: string): number {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  const guess = wanted - (wallClock(timeZone, wanted) - wanted);
  return guess - (wallClock(timeZone, guess) - wanted);
}
