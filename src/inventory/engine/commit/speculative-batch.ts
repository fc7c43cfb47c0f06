import type { Decision, ReservationOutcome, Submission } from '../command.ts';
import { decide } from '../decide/decide.ts';
import type { EngineSession } from '../connection/engine-session.ts';
import type { SpeculationCache } from './speculation-cache.ts';
import * as sql from './speculative.sql.ts';
import { compactHold } from './stored-reply.ts';
import type { LockedStock } from '../state/locked-stock.ts';
import { arrayLiteral, joinedJson, sharedLiteral } from '../connection/pg-array.ts';
import type { BatchResult } from './batch-transaction.ts';
import { inClaimOrder, stockChanges } from './batch-changes.ts';
import { writeBatch } from './write-batch.sql.ts';
import type { LockedBalance } from '../state/locked-rows.ts';

/** A batch that was decided before its locks are held. */
export interface ForeseenBatch {
  /** As the rows were foreseen. */
  found: readonly LockedBalance[];
  /** As they are left. */
  stock: LockedStock;
  submissions: Submission[];
  outcomes: ReservationOutcome[];
}

/**
 * Decides reservations on the rows as the batches before will have left them. Undefined where that cannot be foreseen,
 * or where somebody is refused, which needs more rows; then nothing has happened.
 */
export function decideSpeculatively(
  foresight: SpeculationCache,
  submissions: Submission[],
  at: number,
): ForeseenBatch | undefined {
  const stock = foresight.stockFor(submissions, at);
  if (!stock) return undefined;
  const found = stock.allBalances().map((balance) => ({ ...balance }));
  const outcomes: ReservationOutcome[] = [];
  for (const submission of submissions) {
    const decision = decide(stock, submission);
    if (!('outcome' in decision) || decision.outcome.type !== 'Reservation') return undefined;
    if (decision.outcome.shortages.length > 0) return undefined;
    outcomes.push(decision.outcome);
  }
  return { found, stock, submissions, outcomes };
}

/**
 * Sends a batch that was decided ahead as one transaction, in one packet, behind whatever is under way. It fails with
 * SPECULATION_FAILED, and has changed nothing, where the rows are others than foreseen.
 * @returns what it resolves to when it is committed, with the database's clock
 */
export function sendSpeculative(
  session: EngineSession,
  batch: ForeseenBatch,
): Promise<BatchResult & { now: Date }> {
  const { stock, outcomes } = batch;
  const decisions = outcomes.map((outcome): Decision => ({ outcome }));
  const head = { head: sql.checkForeseen, values: checkArguments(batch) };
  const write = writeBatch({ ...stockChanges(stock), replies: [], unclaimed: [] }, head)!;
  const changed = [...stock.changedBalances].map(({ sku, pool }) => ({ sku, pool }));
  return session
    .transaction(() =>
      Promise.all([
        session.run(sql.claimAndLock, [...claimArguments(batch), ...lockArguments(batch), requestIds(batch)]),
        session.run<{ now: Date }>(write.statement, write.values),
      ]),
    )
    .then(([, [checked]]) => ({ decisions, changed, openedTasks: [], now: checked!.now }), asUnforeseen);
}

/** That a key has been used is like anything else that was not foreseen. */
function asUnforeseen(error: Error & { code?: string }): never {
  throw error.code === sql.KEY_USED ? Object.assign(error, { code: sql.SPECULATION_FAILED }) : error;
}

function claimArguments({ submissions, outcomes, stock }: ForeseenBatch): string[] {
  const outcomeOf = new Map(submissions.map((submission, index) => [submission, outcomes[index]!]));
  const claims = inClaimOrder(submissions);
  return [
    sharedLiteral(claims.map(({ actor }) => actor.partner)),
    arrayLiteral(claims.map(({ idempotency }) => idempotency.key)),
    sharedLiteral(claims.map(({ idempotency }) => idempotency.operation)),
    arrayLiteral(claims.map(({ idempotency }) => idempotency.bodyHash)),
    joinedJson(claims.map((submission) => compactHold(outcomeOf.get(submission)!))),
    stock.now.toISOString(),
    String(claims.length),
  ];
}

function requestIds({ submissions }: ForeseenBatch): string {
  return arrayLiteral(inClaimOrder(submissions).map(({ idempotency }) => idempotency.requestId ?? null));
}

function lockArguments({ found }: ForeseenBatch): string[] {
  const column = <Name extends keyof LockedBalance>(name: Name) =>
    arrayLiteral(found.map((row) => row[name]));
  return [
    column('sku'),
    column('pool'),
    column('onHand'),
    column('allocated'),
    column('confirmed'),
    column('held'),
    column('unbacked'),
    column('futureDraw'),
    column('bufferFixed'),
    column('bufferRate'),
    String(found.length),
  ];
}

function checkArguments({ found, stock }: ForeseenBatch): string[] {
  const channels = [...stock.channels.values()];
  const pools = [...stock.pools.values()];
  return [
    arrayLiteral(found.map(({ sku }) => sku)),
    arrayLiteral(found.map(({ pool }) => pool)),
    arrayLiteral(channels.map(({ code }) => code)),
    arrayLiteral(channels.map(({ pool }) => pool)),
    arrayLiteral(channels.map(({ holdTtlSeconds }) => holdTtlSeconds)),
    arrayLiteral(channels.map(({ sellsFrom }) => sellsFrom)),
    arrayLiteral(pools.map(({ code }) => code)),
    arrayLiteral(pools.map(({ timeZone }) => timeZone)),
    stock.now.toISOString(),
  ];
}
