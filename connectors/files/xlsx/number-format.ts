/** The meaning of a number in a cell of some format. */
export type NumberKind = 'number' | 'date' | 'time' | 'duration';

/** Formats that a workbook names without writing them down; those from 27 on are East Asian dates and times. */
const BUILT_IN: readonly (readonly [first: number, last: number, kind: NumberKind])[] = [
  [14, 17, 'date'],
  [18, 21, 'time'],
  [22, 22, 'date'],
  [27, 31, 'date'],
  [32, 35, 'time'],
  [36, 36, 'date'],
  [45, 45, 'time'],
  [46, 46, 'duration'],
  [47, 47, 'time'],
  [50, 54, 'date'],
  [55, 56, 'time'],
  [57, 58, 'date'],
];

/** The kind of a built-in format; plain numbers for those that are not dates. */
export function builtInKind(id: number): NumberKind {
  return BUILT_IN.find(([first, last]) => id >= first && id <= last)?.[2] ?? 'number';
}

/** The kind of a number format code, e.g. `yyyy/m/d h:mm` a date, `h:mm` a time of day, `[h]:mm` a duration. */
export function numberKind(code: string): NumberKind {
  // Literals first: "x", \x, _x (as wide as x) and *x (filled with x); then the section for positive numbers alone.
  const bare = code.replaceAll(/"[^"]*"?|[\\_*]./g, '').split(';')[0] ?? '';
  if (/\[(h+|m+|s+)\]/i.test(bare)) return 'duration';
  const fields = bare
    .replaceAll(/\[[^\]]*\]/g, '') // colours, conditions, currencies
    .replace(/am\/pm|a\/p|上午\/下午/i, 'h')
    .replaceAll(/s\.0+/gi, 's');
  if (/general|[0#?@]/i.test(fields)) return 'number';
  if (/[ydbg]/i.test(fields) || (/m/i.test(fields) && !/[hs]/i.test(fields))) return 'date';
  return /[hs]/i.test(fields) ? 'time' : 'number';
}
