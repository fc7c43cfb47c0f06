import { z } from 'zod';
import { reread, rereadFrom, type RawRecord, type Rereadable, type RereadLimits } from '../spi/index.ts';
import type { MedusaConfig } from './config.ts';
import { rowsBy, rowsByIds, rowShape, type Shop } from './lists.ts';
import { ORDER_UNITS, orderSchema, refundsOf } from './orders.ts';
import { readBack, type MedusaStream, type RecordList } from './stream-of-list.ts';

const DAY_MS = 86_400_000;

const claimSchema = z.looseObject({
  ...rowShape,
  display_id: z.union([z.int(), z.string()]),
  type: z.string(),
  canceled_at: z.string().nullable(),
  return: z.looseObject({ status: z.string() }).nullish(),
  claim_items: z.array(z.looseObject({ id: z.string() })),
  additional_items: z.array(z.looseObject({ item_id: z.string(), quantity: z.number() })),
  order: orderSchema,
});
type MedusaClaim = z.infer<typeof claimSchema>;

const CLAIMS: RecordList<MedusaClaim> = {
  name: 'claims',
  fields:
    'id,display_id,type,created_at,updated_at,canceled_at,order_id,return.status,*claim_items,*additional_items',
  orderFields: `${ORDER_UNITS.fields},email,customer_id,*shipping_address`,
  row: claimSchema,
  records: ({ rows }, config) => recordsOf(rows, config),
};

/**
 * `updated_at` moves when a claim is cancelled, but not when it is confirmed, nor when its goods and money have gone: so
 * open ones are read again.
 */
export const claims: MedusaStream = {
  async *read(shop, stored, signal) {
    for await (const { rows, cursor } of reread(rereadable(shop), limitsOf(shop.config), stored, signal))
      yield { records: recordsOf(rows, shop.config), cursor };
  },
  readBack: (shop, ids, signal) => readBack(shop, CLAIMS, ids, signal),
  cursorFrom: (since, config) => rereadFrom(since, limitsOf(config)),
};

function recordsOf(rows: readonly MedusaClaim[], { channel }: MedusaConfig): RawRecord[] {
  return rows.filter(isConfirmed).map((claim) => ({
    id: claim.id,
    origin: `claim ${claim.display_id}`,
    data: { ...claim, hub: { channel, stage: stageOf(claim) } },
  }));
}

function rereadable(shop: Shop): Rereadable<MedusaClaim> {
  return {
    pageSize: shop.config.pageSize,
    begun: rowsBy(shop, CLAIMS, 'created_at').page,
    changed: rowsBy(shop, CLAIMS, 'updated_at').page,
    byIds: (ids, signal) => rowsByIds(shop, CLAIMS, ids, signal),
    id: ({ id }) => id,
    begunAt: ({ created_at }) => created_at,
    changedAt: ({ updated_at }) => updated_at,
    isFinal: (claim) => ['canceled', 'settled'].includes(stageOf(claim)) && isConfirmed(claim),
  };
}

function limitsOf({ openClaims, overlapSeconds }: MedusaConfig): RereadLimits {
  return {
    everyMs: openClaims.everySeconds * 1_000,
    openMs: openClaims.days * DAY_MS,
    overlapMs: overlapSeconds * 1_000,
  };
}

/** One that is still being written in the back office has no items yet. */
function isConfirmed({ claim_items }: MedusaClaim): boolean {
  return claim_items.length > 0;
}

/**
 * The step that a claim waits for. Medusa does not say it: it follows from its return, and from the lines and refunds
 * of its order.
 */
function stageOf(
  claim: MedusaClaim,
): 'canceled' | 'goods-to-come' | 'goods-to-go' | 'money-to-go' | 'settled' {
  if (claim.canceled_at !== null) return 'canceled';
  const returned = claim.return?.status;
  if (returned !== undefined && returned !== 'received' && returned !== 'canceled') return 'goods-to-come';
  if (claim.additional_items.some((item) => !isDelivered(claim, item))) return 'goods-to-go';
  const isPaid = refundsOf(claim.order).some(({ created_at }) => created_at > claim.created_at);
  return claim.type === 'refund' && !isPaid ? 'money-to-go' : 'settled';
}

function isDelivered({ order }: MedusaClaim, { item_id, quantity }: { item_id: string; quantity: number }) {
  const line = order.items.find(({ id }) => id === item_id);
  return line !== undefined && line.detail.delivered_quantity >= quantity;
}
