import type { Expression } from 'jsonata';
import { addressPart, placeName } from './addresses.ts';
import { parseDay, parseInstant } from './dates.ts';
import { parseMoney } from './money.ts';
import { parseDecimal, parseGrams, parseInteger, parseMillimetres } from './quantities.ts';
import { firstOf, identifier, key, text, textList } from './texts.ts';

type MappingFunction = (...args: never[]) => unknown;

/** Functions that merchants' sheets need beyond JSONata's own. Each gives undefined for a blank cell. */
const MERCHANT_FUNCTIONS: Record<string, MappingFunction> = {
  /** $money(cell, currency = "CNY") → minor units */
  money: parseMoney,
  /** $instant(cell, zone = "Asia/Shanghai") → ISO 8601 in UTC */
  instant: parseInstant,
  /** $day(cell, zone = "Asia/Shanghai") → yyyy-mm-dd */
  day: parseDay,
  /** $integer(cell) → whole number */
  integer: parseInteger,
  /** $decimal(cell) → number */
  decimal: parseDecimal,
  /** $grams(cell, unit of a bare number = "g") */
  grams: parseGrams,
  /** $millimetres(cell, unit of a bare number = "mm") */
  millimetres: parseMillimetres,
  /** $id(cell) → identifier, refused when a spreadsheet spoilt it */
  id: identifier,
  /** $key(cell, …) → the identifiers joined by "-"; nothing when one of them is blank */
  key,
  /** $text(cell) → trimmed, half-width */
  text,
  /** $list(cell, …) → the values separated by 、 , ; / */
  list: textList,
  /** $firstOf(cell, …) → the first that is not blank */
  firstOf,
  /** $addressPart(cell, "province" | "city" | "district" | "street") */
  addressPart,
  /** $place(cell) → the short name of a province or city: 杭州市 → 杭州 */
  place: placeName,
};

/** JSONata's own functions, less those whose answer differs from run to run: a mapping must be repeatable. */
const JSONATA_FUNCTIONS =
  `sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad
   match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs
   sqrt power boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each
   error assert type sort distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent
   decodeUrl toMillis fromMillis`.split(/\s+/);

/** Every function a mapping may call, without the dollar sign. */
export const FUNCTION_NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(MERCHANT_FUNCTIONS),
  ...JSONATA_FUNCTIONS,
]);

/** Makes the merchants' functions callable in an expression. */
export function registerFunctions(expression: Expression): void {
  for (const [name, implementation] of Object.entries(MERCHANT_FUNCTIONS)) {
    expression.registerFunction(name, (...args: unknown[]) => implementation(...(args as never[])));
  }
}
