import { withNumbers } from '../../../platform/database/sql-statement.ts';
import { keyConflict } from '../../../platform/api/idempotency.ts';
import { openReviewTasks } from '../../../review/index.ts';
import { earliestDay } from '../../model/available-to-promise.ts';
import { addDays } from '../../model/day.ts';
import type { Supply } from '../../model/timeline.ts';
import type { Decision, Submission } from '../command.ts';
import { decide } from '../decide/decide.ts';
import type { EngineSession } from '../connection/engine-session.ts';
import { readStoredOutcomes } from './stored-reply.ts';
import { changedMeanwhile, lockBatch } from '../lock/lock-batch.ts';
import type { LockedStock } from '../state/locked-stock.ts';
import * as sql from '../lock/lock-order.sql.ts';
import { inClaimOrder, keyOf, batchChanges } from './batch-changes.ts';
import { writeBatch } from './write-batch.sql.ts';
import type { BalanceKey } from '../../model/balance-key.ts';

/**
 * One transaction for many commands: claim keys → lock → reclaim what has expired → decide one by one → write. It is
 * opened and closed by two functions, so that the next batch may be sent behind the commit of this one.
 */

/** A batch in its transaction, with everything locked. */
export interface OpenBatch {
  submissions: Submission[];
  claims: Claims;
  /** Undefined where nothing is left to carry out. */
  stock: LockedStock | undefined;
  /** When the locks were told of, by performance.now(). */
  lockedAt: number;
}
interface Claims {
  /** The replies known already: replies of earlier calls, and refusals of keys that were used for something else. */
  replies: Map<Submission, Decision>;
  /** Where the rows of the new keys are. */
  rows: Map<string, string>;
}

export interface BatchResult {
  /** In the order of the submissions. */
  decisions: Decision[];
  /** Places whose promise may have changed. */
  changed: BalanceKey[];
  /** Review tasks that were opened. */
  openedTasks: string[];
}

/** How far ahead a refused caller is told of better days. */
const AVAILABLE_ON_HORIZON_DAYS = 90;

/**
 * Begins the transaction and locks what the commands touch, those included whose reply is known: to ask for that first
 * would be a trip more. `careful` asks, so that a known reply does not wait for a row that somebody else holds.
 * The session may be in a transaction whose commit has been sent. On an error, this one has been rolled back.
 */
export async function openBatch(
  session: EngineSession,
  submissions: Submission[],
  { careful = false } = {},
): Promise<OpenBatch> {
  const begun = session.begin();
  const claiming = claim(session, submissions);
  const locking = careful
    ? Promise.all([begun, claiming]).then(([, claims]) => {
        const fresh = freshOf(submissions, claims);
        return fresh.length > 0 ? lockBatch(session, fresh) : undefined;
      })
    : lockBatch(session, submissions);
  try {
    const [, claims, stock] = await Promise.all([begun, claiming, locking]);
    return { submissions, claims, stock, lockedAt: performance.now() };
  } catch (error) {
    await Promise.allSettled([begun, claiming, locking]); // none of them goes on behind the rollback
    await session.rollBack();
    throw error;
  }
}

/**
 * Decides, and sends the writes and the commit. What it resolves to is there as soon as they are sent; its `done`, when
 * they are done. On an error nothing has happened, unless the connection was lost during the commit: then the keys tell.
 */
export async function closeBatch(
  session: EngineSession,
  { submissions, claims, stock }: OpenBatch,
): Promise<{ done: Promise<BatchResult> }> {
  try {
    const decisions = decideInOrder(stock, submissions, claims.replies);
    if (stock) await tellBetterDays(session, stock);
    const fresh = freshOf(submissions, claims);
    const bySubmission = new Map(submissions.map((each, index) => [each, decisions[index]!]));
    const write = stock && writeBatch(batchChanges(stock, fresh, bySubmission, claims.rows));
    const changed = [...(stock?.changedBalances ?? [])].map(({ sku, pool }) => ({ sku, pool }));
    const writing = write && session.run(write.statement, write.values);
    const opening = openReviewTasks(
      (statement) => session.run({ name: 'open-tasks', text: withNumbers(statement) }, [...statement.values]),
      stock?.tasks ?? [],
    );
    const committing = session.commit();
    const done = Promise.all([opening, writing, committing]).then(
      ([openedTasks]) => ({ decisions, changed, openedTasks }),
      async (error: unknown) => {
        await session.rollBack();
        throw error;
      },
    );
    return { done };
  } catch (error) {
    await session.rollBack();
    throw error;
  }
}

const freshOf = (submissions: Submission[], { replies }: Claims) =>
  submissions.filter((submission) => !replies.has(submission));

async function claim(session: EngineSession, submissions: Submission[]): Promise<Claims> {
  const firstByKey = new Map<string, Submission>();
  for (const submission of submissions)
    if (!firstByKey.has(keyOf(submission))) firstByKey.set(keyOf(submission), submission);
  const firsts = inClaimOrder([...firstByKey.values()]);
  const claimed = await session.queryColumns<{ partner: string; key: string; row: string }>(sql.claimKeys, [
    firsts.map(({ actor }) => actor.partner),
    firsts.map(({ idempotency }) => idempotency.key),
    firsts.map(({ idempotency }) => idempotency.operation),
    firsts.map(({ idempotency }) => idempotency.bodyHash),
    firsts.map(({ idempotency }) => idempotency.requestId ?? null),
  ]);
  const rows = new Map(claimed.map(({ partner, key, row }) => [`${partner}\u0000${key}`, row]));
  const foreign = firsts.filter((submission) => !rows.has(keyOf(submission)));
  return { rows, replies: foreign.length > 0 ? await readReplies(session, submissions, foreign) : new Map() };
}

interface StoredReplyRow {
  partner: string;
  key: string;
  operation: string;
  bodyHash: string;
  reply: unknown;
}

async function readReplies(
  session: EngineSession,
  submissions: Submission[],
  foreign: Submission[],
): Promise<Map<Submission, Decision>> {
  const keys = foreign.map(({ actor, idempotency }) => ({ partner: actor.partner, key: idempotency.key }));
  const stored = await session.query<StoredReplyRow>(sql.readReplies, keys);
  if (stored.length < keys.length) throw changedMeanwhile('a key was forgotten meanwhile');
  const decisions = await readStoredOutcomes(session, stored);
  const known = new Map(
    stored.map((row, index) => [`${row.partner}\u0000${row.key}`, { ...row, decision: decisions[index]! }]),
  );
  return new Map(
    submissions.flatMap((submission) => {
      const row = known.get(keyOf(submission));
      return row ? [[submission, replay(row, submission)] as const] : [];
    }),
  );
}

function replay(
  stored: Pick<StoredReplyRow, 'operation' | 'bodyHash'> & { decision: Decision },
  submission: Submission,
): Decision {
  const { operation, bodyHash, key } = submission.idempotency;
  if (stored.operation === operation && stored.bodyHash === bodyHash) return stored.decision;
  return { refusal: keyConflict({ key, operation }, stored.operation) };
}

/** A key that stands twice in a batch is decided once; the later ones get the first one's reply. */
function decideInOrder(
  stock: LockedStock | undefined,
  submissions: Submission[],
  replies: Map<Submission, Decision>,
): Decision[] {
  const firstByKey = new Map<string, { submission: Submission; decision: Decision }>();
  return submissions.map((submission) => {
    const known = replies.get(submission);
    if (known) return known;
    const first = firstByKey.get(keyOf(submission));
    if (first && 'outcome' in first.decision)
      return replay({ ...first.submission.idempotency, decision: first.decision }, submission);
    const decision = decide(stock!, submission);
    firstByKey.set(keyOf(submission), { submission, decision });
    return decision;
  });
}

/** Fills in `availableOn`: the first day within 90 with enough stock, for requests that got less. */
async function tellBetterDays(session: EngineSession, stock: LockedStock): Promise<void> {
  if (stock.shortages.length === 0) return;
  const places = stock.shortages.map(({ shortage, pool }) => ({ sku: shortage.sku, pool }));
  const timelines = await session.query<BalanceKey & { supplies: Supply[] }>(sql.readTimelines, places);
  stock.shortages.forEach(({ shortage, pool, channel }, index) => {
    const { sku, requested } = shortage;
    const today = stock.today(pool);
    // A balance without a plan has no promises for later days.
    const timeline = stock.plan(sku, pool)?.timeline() ?? {
      ...stock.pools.get(pool)!,
      today,
      supplies: timelines[index]!.supplies,
      demands: [],
    };
    const days = { from: today, until: addDays(today, AVAILABLE_ON_HORIZON_DAYS - 1) };
    const enough = (quantity: number) => stock.sellable(sku, pool, channel, quantity) >= requested;
    shortage.availableOn = earliestDay(stock.figures(sku, pool), timeline, days, enough) ?? null;
  });
}
