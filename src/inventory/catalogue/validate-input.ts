import { assertListSize } from '../../platform/api/assert-list-size.ts';
import { HubError } from '../../platform/errors.ts';
import { MAX_HOLD_SECONDS, MAX_LINES, MAX_QUANTITY } from '../model/limits.ts';

/** Checks of what a caller sends, before anything is locked. Each says what was wrong and what would be right. */

export function checkLines<T>(lines: readonly T[], what = 'lines', most = MAX_LINES): readonly T[] {
  return assertListSize(lines, what, most);
}

export function checkQuantity(quantity: number, path: string, least = 1): number {
  if (!Number.isInteger(quantity) || quantity < least || quantity > MAX_QUANTITY)
    throw new HubError(
      'QUANTITY_OUT_OF_RANGE',
      `\`${path}\` must be ${least} to ${MAX_QUANTITY}, was ${quantity}.`,
      {
        path,
      },
    );
  return quantity;
}

export function checkTtl(ttlSeconds: number): number {
  if (ttlSeconds < 1 || ttlSeconds > MAX_HOLD_SECONDS)
    throw new HubError(
      'TTL_OUT_OF_RANGE',
      `\`ttlSeconds\` must be 1 to ${MAX_HOLD_SECONDS}, was ${ttlSeconds}.`,
      {
        maxTtlSeconds: MAX_HOLD_SECONDS,
      },
    );
  return ttlSeconds;
}

/** Business codes and references: something to read, and short enough to index. */
export function checkText(text: string, path: string, most = 200): string {
  if (text.trim() === '' || text.length > most || text.includes('\u0000'))
    throw new HubError('BAD_USER_INPUT', `\`${path}\` must have 1 to ${most} characters.`, { path });
  return text;
}
