import type { CellValue } from 'exceljs';

/** Excel keeps 15 digits of a number; what came after was replaced by zeros before we ever saw the file. */
const FIRST_NUMBER_WITH_LOST_DIGITS = 1e15;

/** A cell that cannot be trusted. */
export class SpoiltCell extends Error {}

/**
 * A cell's value as the text a person sees: formula results, rich text and links as their text, numbers in full
 * ("6920180012345", never "6.92E+12"), dates as wall-clock time "yyyy-mm-dd hh:mm:ss" (a sheet knows no zone).
 * @throws SpoiltCell for a whole number beyond 15 digits: an order number Excel has already destroyed.
 */
export function cellText(value: CellValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (value instanceof Date) return wallClock(value);
  if ('richText' in value)
    return value.richText
      .map((run) => run.text)
      .join('')
      .trim();
  if ('hyperlink' in value) return cellText(value.text as CellValue);
  if ('error' in value) return value.error;
  // What is left are formulas; one that was never calculated has no result.
  return 'result' in value ? cellText(value.result as CellValue) : '';
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

/** exceljs gives a sheet's wall clock as if it were UTC, with the rounding error of a fraction of a day. */
function wallClock(date: Date): string {
  const rounded = new Date(Math.round(date.getTime() / 1000) * 1000);
  return Number.isNaN(rounded.getTime()) ? '' : rounded.toISOString().slice(0, 19).replace('T', ' ');
}
