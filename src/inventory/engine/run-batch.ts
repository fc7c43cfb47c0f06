import type { ClientBase } from 'pg';
import { keyConflict } from '../../platform/idempotency.ts';
import { openTasks } from '../../review/index.ts';
import { earliestDay } from '../available-to-promise.ts';
import { addDays } from '../day.ts';
import type { Supply } from '../timeline.ts';
import type { Decision, Outcome, Submission } from './command.ts';
import { decide } from './decide.ts';
import { lockBatch } from './lock-batch.ts';
import type { LockedStock, StockPlace } from './locked-stock.ts';
import * as sql from './lock-order.sql.ts';
import { writePlans } from './plans.sql.ts';
import { query } from './query.ts';
import { plansToWrite, toWrite } from './to-write.ts';

export interface BatchResult {
  /** In the order of the submissions. */
  decisions: Decision[];
  /** Places whose promise may have changed. */
  changed: StockPlace[];
  /** Review tasks that were opened. */
  openedTasks: string[];
}

/** How far ahead a refused caller is told of better days. */
const AVAILABLE_ON_HORIZON_DAYS = 90;

/**
 * One transaction for many commands: claim keys → lock → reclaim what has expired → decide one by one → write.
 * The client is in no transaction before and after. On an error nothing has happened and the error is thrown, unless
 * the connection was lost during the commit: then the keys tell.
 */
export async function runBatch(client: ClientBase, submissions: Submission[]): Promise<BatchResult> {
  await client.query('begin isolation level read committed');
  try {
    const replies = await claim(client, submissions);
    const fresh = submissions.filter((submission) => replies.get(submission) === undefined);
    const stock = fresh.length > 0 ? await lockBatch(client, fresh) : undefined;
    const decisions = decideInOrder(stock, submissions, replies);
    let openedTasks: string[] = [];
    if (stock) {
      await tellBetterDays(client, stock);
      await write(client, stock, fresh, new Map(submissions.map((each, index) => [each, decisions[index]!])));
    }
    if (stock)
      openedTasks = await openTasks(
        async (text, task) => (await client.query(text, [task])).rows,
        stock.tasks,
      );
    await client.query('commit');
    return {
      decisions,
      openedTasks,
      changed: [...(stock?.changedBalances ?? [])].map(({ sku, pool }) => ({ sku, pool })),
    };
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // a lost connection has rolled back by itself
    throw error;
  }
}

const keyOf = ({ actor, idempotency }: Submission) => `${actor.partner}\u0000${idempotency.key}`;

/** What is known already: replies of earlier calls, and refusals of keys that were used for something else. */
async function claim(client: ClientBase, submissions: Submission[]): Promise<Map<Submission, Decision>> {
  const firstByKey = new Map<string, Submission>();
  for (const submission of submissions)
    if (!firstByKey.has(keyOf(submission))) firstByKey.set(keyOf(submission), submission);
  const keys = [...firstByKey.values()].map(({ actor, idempotency }) => ({
    partner: actor.partner,
    ...idempotency,
  }));
  const claimed = await query<{ partner: string; key: string }>(client, sql.claimKeys, keys);
  const replies = new Map<Submission, Decision>();
  if (claimed.length === keys.length) return replies;

  const mine = new Set(claimed.map(({ partner, key }) => `${partner}\u0000${key}`));
  const foreign = keys.filter(({ partner, key }) => !mine.has(`${partner}\u0000${key}`));
  const known = new Map(
    (await query<StoredReply>(client, sql.readReplies, foreign)).map((row) => [
      `${row.partner}\u0000${row.key}`,
      row,
    ]),
  );
  for (const submission of submissions) {
    const stored = known.get(keyOf(submission));
    if (stored) replies.set(submission, replay(stored, submission));
  }
  return replies;
}

interface StoredReply {
  partner: string;
  key: string;
  operation: string;
  bodyHash: string;
  reply: Outcome;
}

function replay(
  stored: Pick<StoredReply, 'operation' | 'bodyHash' | 'reply'>,
  submission: Submission,
): Decision {
  const { operation, bodyHash, key } = submission.idempotency;
  if (stored.operation === operation && stored.bodyHash === bodyHash) return { outcome: stored.reply };
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
      return replay({ ...first.submission.idempotency, reply: first.decision.outcome }, submission);
    const decision = decide(stock!, submission);
    firstByKey.set(keyOf(submission), { submission, decision });
    return decision;
  });
}

/** Tells callers who got less than they asked for the first day on which there would be enough. */
async function tellBetterDays(client: ClientBase, stock: LockedStock): Promise<void> {
  if (stock.shortages.length === 0) return;
  const places = stock.shortages.map(({ shortage, pool }) => ({ sku: shortage.sku, pool }));
  const timelines = await query<StockPlace & { supplies: Supply[] }>(client, sql.readTimelines, places);
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

async function write(
  client: ClientBase,
  stock: LockedStock,
  fresh: Submission[],
  decisions: Map<Submission, Decision>,
): Promise<void> {
  await query(client, sql.writeBatch, toWrite(stock, fresh, decisions));
  const plans = plansToWrite(stock);
  if (plans) await query(client, writePlans, plans);
}
