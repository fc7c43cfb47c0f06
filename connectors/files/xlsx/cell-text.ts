import type { NumberKind } from './number-format.ts';

/** Excel keeps 15 digits of a number; what came after was replaced by zeros before we ever saw the file. */
const FIRST_NUMBER_WITH_LOST_DIGITS = 1e15;
const DAY_SECONDS = 86_400;
/** Days from 30 December 1899, where a sheet's days begin, to 1 January 1970. */
const DAYS_TO_1970 = 25_569;
/** Days by which workbooks whose days begin in 1904 are behind the others. */
const DAYS_TO_1904 = 1_462;
/** The day after 31 December 9999. */
const END_OF_DAYS = 2_958_466;

/** A cell that cannot be trusted. */
export class SpoiltCell extends Error {}

/**
 * A number of a sheet as the text a person sees: in full ("6920180012345", never "6.92E+12"), dates as wall-clock time
 * "yyyy-mm-dd hh:mm:ss" (a sheet knows no zone), times of day and durations as "hh:mm:ss".
 * @throws SpoiltCell for a whole number beyond 15 digits: an order number Excel has already destroyed.
 */
export function numberCellText(value: number, kind: NumberKind, date1904: boolean): string {
  const days = value + (date1904 ? DAYS_TO_1904 : 0);
  if (kind === 'duration' && Math.abs(value) < END_OF_DAYS) return clockTime(value);
  if (kind === 'time' && value >= 0 && value < 1) return clockTime(value);
  if (kind !== 'number' && days >= 0 && days < END_OF_DAYS) return wallClock(days);
  return numberText(value);
}

function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) >= FIRST_NUMBER_WITH_LOST_DIGITS) {
    throw new SpoiltCell(
      `the number ${value} has lost its last digits; format the column as text and export again`,
    );
  }
  const rounded = Number(value.toPrecision(15));
  const text = String(rounded);
  return text.includes('e') ? rounded.toFixed(20).replace(/\.?0+$/, '') : text;
}

/** A sheet's fraction of a day is rounded to the second that it stands for. */
function wallClock(days: number): string {
  const seconds = Math.round((days - DAYS_TO_1970) * DAY_SECONDS);
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** "10:15:00", "36:00:00", "-01:30:00". */
function clockTime(days: number): string {
  const seconds = Math.round(Math.abs(days) * DAY_SECONDS);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return (days < 0 ? '-' : '') + parts.map((part) => String(part).padStart(2, '0')).join(':');
}
