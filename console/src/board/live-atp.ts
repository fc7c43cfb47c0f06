import type { Atp, AtpUpdate } from '../../../client/live-atp/index.ts';

export type { Atp };
export type AtpTerm = Atp['terms'][number];

/** What the board knows of one SKU: its number, and which way it moved last. */
export interface LiveAtp {
  readonly atp: Atp;
  readonly moved: 'up' | 'down' | undefined;
}

export type LiveBoard = ReadonlyMap<string, LiveAtp>;

export const EMPTY_BOARD: LiveBoard = new Map();

function direction(before: Atp | undefined, after: Atp): LiveAtp['moved'] {
  if (before === undefined || before.quantity === after.quantity) return undefined;
  return after.quantity > before.quantity ? 'up' : 'down';
}

/** Of an update that the client has found to be news. */
export function applyUpdate(board: LiveBoard, { atp }: AtpUpdate): LiveBoard {
  const known = board.get(atp.sku.code)?.atp;
  return new Map(board).set(atp.sku.code, { atp, moved: direction(known, atp) });
}

export const sumOfTerms = (terms: readonly AtpTerm[]) =>
  terms.reduce((sum, { quantity }) => sum + quantity, 0);

/** What an equation shows: stock on hand always, any other term where it is not nothing. */
export const shownTerms = (terms: readonly AtpTerm[]) =>
  terms.filter(({ kind, quantity }) => kind === 'ON_HAND' || quantity !== 0);
