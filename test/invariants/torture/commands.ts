import type { Input } from './history.ts';

export const SKUS = ['A', 'B', 'C', 'D'];
export const ON_HAND = 60;

/** The same sequence for the same seed, so that a run can be repeated as far as processes allow (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Command {
  mutation: string;
  input: Input;
}

/** Baskets whose rows are locked in opposite orders, and one that names a SKU twice. */
const baskets = [['A'], ['A', 'B'], ['B', 'A'], ['C', 'D', 'C'], ['D', 'C'], ['D', 'B', 'A']];

/** What a client asks next. `mine` are reservations that were accepted, whoever made them. */
export function nextCommand(random: () => number, key: string, mine: readonly string[]): Command {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const units = (most: number) => 1 + Math.floor(random() * most);
  const roll = random();
  const reservationId = mine.length > 0 ? pick(mine.slice(-40)) : undefined;
  if (roll < 0.5 || reservationId === undefined)
    return {
      mutation: 'reserve',
      input: {
        idempotencyKey: key,
        channel: pick(['douyin', 'jd']),
        reference: key,
        lines: pick(baskets).map((sku) => ({ sku, quantity: units(3) })),
        mode: random() < 0.3 ? 'PARTIAL' : 'ALL_OR_NOTHING',
        ttlSeconds: random() < 0.3 ? 1 : 900,
      },
    };
  if (roll < 0.65) return { mutation: 'confirmReservation', input: { idempotencyKey: key, reservationId } };
  if (roll < 0.75) return { mutation: 'releaseReservation', input: { idempotencyKey: key, reservationId } };
  if (roll < 0.8)
    return { mutation: 'extendReservation', input: { idempotencyKey: key, reservationId, ttlSeconds: 900 } };
  if (roll < 0.87) return { mutation: 'cancelReservation', input: { idempotencyKey: key, reservationId } };
  const lines = pick(baskets.slice(0, 3)).map((sku) => ({ sku, quantity: units(4) }));
  if (roll < 0.95)
    return { mutation: 'restock', input: { idempotencyKey: key, node: 'WH', reason: 'RECEIPT', lines } };
  const delta = random() < 0.5 ? -1 : 1;
  return {
    mutation: 'adjustStock',
    input: { idempotencyKey: key, node: 'WH', reason: 'found or lost', lines: [{ sku: pick(SKUS), delta }] },
  };
}

const LINES = 'lines { quantity sku { code } } shortages { sku requested available }';
const OPEN = `__typename ... on Reservation { id state ${LINES} } ... on ReservationNotOpen { reservationId state }`;
const RESTOCK = '__typename ... on Restock { id movements { counter delta } } ... on RestockRefused { sku }';

export const documents: Readonly<Record<string, string>> = {
  reserve: document(
    'reserve',
    'ReserveInput',
    `__typename ... on Reservation { id state ${LINES} } ... on InsufficientStock { shortages { sku requested available } }`,
  ),
  confirmReservation: document('confirmReservation', 'ConfirmReservationInput', OPEN),
  releaseReservation: document('releaseReservation', 'ReservationCommandInput', OPEN),
  extendReservation: document('extendReservation', 'ExtendReservationInput', OPEN),
  cancelReservation: document('cancelReservation', 'CancelReservationInput', OPEN),
  restock: document('restock', 'RestockInput', RESTOCK),
  adjustStock: document('adjustStock', 'AdjustStockInput', RESTOCK),
};

function document(mutation: string, input: string, selection: string): string {
  return `mutation ($input: ${input}!) { ${mutation}(input: $input) { ${selection} } }`;
}
