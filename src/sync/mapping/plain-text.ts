/**
 * The text of a cell without the accidents of typing: full-width digits and letters made half-width (NFKC),
 * all sorts of minus signs made "-", spaces trimmed. Undefined for nothing or blank.
 * Numbers are written in full, never in scientific notation, with the 15 digits a spreadsheet keeps.
 */
export function plainText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? plainNumber(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value
    .normalize('NFKC')
    .replaceAll(/[\u2010-\u2015\u2212]/g, '-')
    .trim();
  return text === '' ? undefined : text;
}

/** A finite number in plain decimal notation, rounded to 15 significant digits: 0.1 + 0.2 is "0.3". */
function plainNumber(value: number): string {
  const rounded = Number(value.toPrecision(15));
  if (Number.isInteger(rounded)) return BigInt(rounded).toString();
  const text = String(rounded);
  return text.includes('e') ? rounded.toFixed(20).replace(/0+$/, '') : text;
}
