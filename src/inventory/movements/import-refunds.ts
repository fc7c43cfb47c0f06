import type { Actor } from '../../platform/api/actor.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import type { ImportResult, Rejection } from '../../platform/import/import-result.ts';
import { newId } from '../../platform/database/ids.ts';
import type { Refund, RefundLine, ReturnPolicy } from '../engine/command.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import type { OrderReference } from '../reservations/read-reservation.ts';
import { refundLines, type LinesOfOrders, type OrderedLine } from './refund-lines.ts';

/** A settled refund as a source reports it; `settledAt` is ISO 8601 with zone. */
export interface RefundFacts {
  externalId: string;
  channel: string;
  orderExternalId: string;
  settledAt: string;
  /** NONE if left out. */
  policy?: ReturnPolicy;
  lines: { orderLineExternalId: string; quantity: number }[];
}

/**
 * Refunds go through the engine, like everyone's: a fact by (order line, refund id), which told again changes nothing.
 * One whose order has not come yet is rejected with that reason, and can be retried.
 */
export async function importRefunds(
  em: EntityManager,
  engine: StockEngine,
  actor: Actor,
  records: readonly RefundFacts[],
  linesOfOrders: LinesOfOrders,
): Promise<ImportResult> {
  const references = records.map(({ channel, orderExternalId }) => ({
    channel,
    externalId: orderExternalId,
  }));
  const known = await linesOfOrders(em, references);
  const results = await Promise.all(
    records.map(async (record, index): Promise<Rejection | undefined> => {
      const lines = linesOrReason(references[index]!, record, known[index] ?? null);
      const reason = typeof lines === 'string' ? lines : await refund(engine, actor, record, lines);
      return reason === undefined ? undefined : { index, reason };
    }),
  );
  const rejected = results.filter((result) => result !== undefined);
  return { accepted: records.length - rejected.length, rejected };
}

function linesOrReason(order: OrderReference, { lines }: RefundFacts, known: readonly OrderedLine[] | null) {
  try {
    return refundLines(order, lines, known);
  } catch (error) {
    return (error as Error).message; // a sentence for a person: there is nothing else that it throws
  }
}

/** @returns why it is refused */
async function refund(
  engine: StockEngine,
  actor: Actor,
  { externalId, channel, orderExternalId, settledAt, policy = 'NONE' }: RefundFacts,
  lines: RefundLine[],
): Promise<string | undefined> {
  const command: Refund = {
    type: 'refund',
    channel,
    orderExternalId,
    externalEventId: externalId,
    settledAt: new Date(settledAt).toISOString(),
    policy,
    lines,
  };
  // A key of its own: what makes it known is the refund's own id.
  const idempotency = idempotencyOf('recordRefund', { idempotencyKey: newId() });
  const outcome = await engine.recordFact({ command, idempotency, actor });
  return outcome.type === 'Restock' ? undefined : outcome.reason;
}
