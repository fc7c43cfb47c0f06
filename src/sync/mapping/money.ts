import { plainText } from './plain-text.ts';
import { ValueError } from './value-error.ts';

const SIGNS = /CNY|RMB|USD|EUR|JPY|HKD|人民币|[¥$€元圆\s]/gi;
/** Thousands either grouped by threes or not grouped at all: "1,29.00" is a typing error, not money. */
const AMOUNT = /^([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(万)?$/;
const digitsOfCurrency = new Map<string, number>();

/**
 * "¥1,299.00", "1299元", "￥１，２９９", "(5.00)", "1.2万", 1299 → minor units of the currency (fen, cents, yen).
 * Exact: computed on the digits, never in floating point. Undefined for blank.
 * @throws ValueError when the text is not an amount, or has finer digits than the currency.
 */
export function parseMoney(value: unknown, currency = 'CNY'): number | undefined {
  const text = plainText(value);
  if (text === undefined) return undefined;
  const bare = text.replaceAll(SIGNS, '');
  const inParentheses = /^\((.*)\)$/.exec(bare);
  const match = AMOUNT.exec(inParentheses?.[1] ?? bare);
  if (!match) throw new ValueError(`cannot read "${text}" as an amount of money`);
  const [, sign, whole = '0', fraction = '', tenThousands] = match;
  const scale = fractionDigits(currency) + (tenThousands ? 4 : 0);
  const kept = fraction.slice(0, scale).padEnd(scale, '0');
  if (/[1-9]/.test(fraction.slice(scale))) {
    throw new ValueError(`"${text}" has more decimals than ${currency} has`);
  }
  const minor = Number(whole.replaceAll(',', '') + kept);
  if (!Number.isSafeInteger(minor)) throw new ValueError(`"${text}" is too large an amount`);
  return minor !== 0 && (sign === '-' || inParentheses) ? -minor : minor;
}

/** The digits after the point of a currency: CNY 2, JPY 0, KWD 3. */
function fractionDigits(currency: string): number {
  const known = digitsOfCurrency.get(currency);
  if (known !== undefined) return known;
  if (!/^[A-Z]{3}$/.test(currency)) throw new ValueError(`"${currency}" is not an ISO 4217 currency code`);
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  digitsOfCurrency.set(currency, maximumFractionDigits);
  return maximumFractionDigits;
}
