import { plainText } from './plain-text.ts';
import { ValueError } from './value-error.ts';

const GRAMS: Record<string, number> = {
  g: 1,
  克: 1,
  kg: 1000,
  公斤: 1000,
  千克: 1000,
  斤: 500,
  t: 1e6,
  吨: 1e6,
};
const MILLIMETRES: Record<string, number> = { mm: 1, 毫米: 1, cm: 10, 厘米: 10, m: 1000, 米: 1000 };
const MEASURE = /^([+-]?\d+(?:,\d{3})*(?:\.\d+)?)\s*(\D*)$/;

/** "3", "3件", "1,200 个", "2.0" → a whole number; undefined for blank. @throws ValueError for anything else. */
export function parseInteger(value: unknown): number | undefined {
  const text = plainText(value);
  if (text === undefined) return undefined;
  const match = MEASURE.exec(text);
  const number = match ? Number(match[1]?.replaceAll(',', '')) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new ValueError(`cannot read "${text}" as a whole number`);
  return number === 0 ? 0 : number;
}

/** "31.23", 31.23, "31.23°" → a number; undefined for blank. @throws ValueError for anything else. */
export function parseDecimal(value: unknown): number | undefined {
  const text = plainText(value);
  if (text === undefined) return undefined;
  const match = MEASURE.exec(text);
  if (!match) throw new ValueError(`cannot read "${text}" as a number`);
  return Number(match[1]?.replaceAll(',', ''));
}

/** "650g", "0.65kg", "1.3斤" → whole grams; a bare number is in `unit`. Undefined for blank. @throws ValueError */
export function parseGrams(value: unknown, unit = 'g'): number | undefined {
  return parseMeasure(value, unit, GRAMS, 'weight');
}

/** "30cm", "0.3米" → whole millimetres; a bare number is in `unit`. Undefined for blank. @throws ValueError */
export function parseMillimetres(value: unknown, unit = 'mm'): number | undefined {
  return parseMeasure(value, unit, MILLIMETRES, 'length');
}

function parseMeasure(value: unknown, unit: string, factors: Record<string, number>, what: string) {
  const text = plainText(value);
  if (text === undefined) return undefined;
  const match = MEASURE.exec(text);
  const factor = match && factors[(match[2] || unit).toLowerCase()];
  if (!factor) throw new ValueError(`cannot read "${text}" as a ${what}`);
  return Math.round(Number(match[1]?.replaceAll(',', '')) * factor);
}
