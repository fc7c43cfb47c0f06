import type { Cursor, Page, RawRecord } from '../spi/index.ts';
import type { Domain, Row, TrytonClient } from './client.ts';
import type { Feed, FeedingModel } from './models.ts';
import { tagged } from './values.ts';

const PAGE_SIZE = 100;
/** A change has the time at which its transaction began, and is seen when that is committed. */
const OVERLAP_MS = 120_000;
/** More are not remembered; they are read again, which does no harm. */
const MOST_SEEN = 5_000;

/**
 * Where reading goes on. What has changed since an instant is read by id, model by model, so that nothing moves while it is
 * read; what changes meanwhile is read by the next run.
 */
interface Position {
  /** ISO 8601; null: from the beginning, which needs the records themselves only. */
  since: string | null;
  /** Changes read of the time from `since` on, oldest first: model, id, @ and the instant. */
  seen: string[];
  /** A run that is under way; absent between two. `upTo`: the newest change of the moment when it began. */
  run?: { upTo: string | null; model: number; afterId: number };
}

/** A cursor that reads the changes since an instant. */
export function changesSince(since: Date): Cursor {
  return { since: micros(since), seen: [] };
}

export async function* readFeed(
  client: TrytonClient,
  feed: Feed,
  stored: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  signal.throwIfAborted();
  const { since, seen: before, run: begun } = (stored as Position | null) ?? { since: null, seen: [] };
  const run = begun ?? { upTo: await newestChange(client, feed, signal), model: 0, afterId: 0 };
  const seen = new Set(before);
  let hasMoved = begun !== undefined;
  for await (const { model, rows, isEnd } of changedRows(client, feed, since, run, signal)) {
    const fresh = rows.filter((row) => !seen.has(tagOf(model, row)));
    for (const row of fresh) seen.add(tagOf(model, row));
    hasMoved ||= fresh.length > 0;
    if (fresh.length === 0 && !(isEnd && hasMoved)) continue;
    const afterId = rows.at(-1)?.id ?? run.afterId;
    const position: Position = isEnd
      ? afterRun(since, run.upTo, seen)
      : { since, seen: kept(seen), run: { upTo: run.upTo, model, afterId } };
    const records = await recordsOf(client, feed, ownersOf(feed.models[model]!, fresh), signal);
    yield { records, rejects: [], cursor: position as unknown as Cursor };
  }
}

/** Pages of what has changed, model by model; only the last one is the end, and may be empty. */
async function* changedRows(
  client: TrytonClient,
  { models }: Feed,
  since: string | null,
  from: { model: number; afterId: number },
  signal: AbortSignal,
): AsyncGenerator<{ model: number; rows: Row[]; isEnd: boolean }> {
  const count = since === null ? 1 : models.length;
  for (let model = from.model; model < count; model++) {
    let afterId = model === from.model ? from.afterId : 0;
    for (let isLast = false; !isLast;) {
      signal.throwIfAborted();
      const rows = await changedAfter(client, models[model]!, since, afterId, signal);
      afterId = rows.at(-1)?.id ?? afterId;
      isLast = rows.length < PAGE_SIZE;
      yield { model, rows, isEnd: isLast && model === count - 1 };
    }
  }
}

function changedAfter(
  client: TrytonClient,
  model: FeedingModel,
  since: string | null,
  afterId: number,
  signal: AbortSignal,
): Promise<Row[]> {
  const domain: Domain = [['id', '>', afterId]];
  // `write_date` is null until something is written for the first time.
  if (since !== null)
    domain.push(['OR', ['write_date', '>=', tagged(since)], ['create_date', '>=', tagged(since)]]);
  const fields = ['create_date', 'write_date', ...(model.owner === 'id' ? [] : [model.owner])];
  return client.searchRead(model.model, { domain, limit: PAGE_SIZE, order: [['id', 'ASC']], fields }, signal);
}

/** The newest change of any model of a feed; null where there is none. */
async function newestChange(
  client: TrytonClient,
  { models }: Feed,
  signal: AbortSignal,
): Promise<string | null> {
  const asked = models.flatMap((model) =>
    ['create_date', 'write_date'].map(async (field) => {
      const domain: Domain = [[field, '!=', null]];
      const query = { domain, limit: 1, order: [[field, 'DESC']] as [string, string][], fields: [field] };
      return ((await client.searchRead(model.model, query, signal))[0]?.[field] ?? null) as string | null;
    }),
  );
  const stamps = (await Promise.all(asked)).filter((stamp) => stamp !== null);
  return stamps.sort().at(-1) ?? null;
}

/** The records as they are now, in no order; those that are gone are left out. */
async function recordsOf(
  client: TrytonClient,
  { name, models: [model], fields }: Feed,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<RawRecord[]> {
  if (ids.length === 0) return [];
  const domain: Domain = [['id', 'in', ids]];
  const query = { domain, limit: ids.length, order: [['id', 'ASC']] as [string, string][], fields };
  const rows = await client.searchRead(model.model, query, signal);
  return rows.map((row) => {
    const id = String(row.id);
    const changed_at = newestStamp(row);
    return { id, origin: `${name} ${id}`, data: { ...row, id, changed_at }, version: changed_at };
  });
}

function ownersOf({ owner }: FeedingModel, rows: readonly Row[]): number[] {
  return [...new Set(rows.map((row) => row[owner]).filter((id) => typeof id === 'number'))];
}

/** Of a record and of what it is made of. */
function newestStamp(row: Row): string {
  const parts = [row, ...((row.contact_mechanisms as Row[] | undefined) ?? [])];
  return parts.map(changeOf).sort().at(-1)!;
}

function changeOf({ write_date, create_date }: Row): string {
  return String(write_date ?? create_date);
}

function tagOf(model: number, row: Row): string {
  return `${model}:${row.id}@${changeOf(row)}`;
}

function afterRun(since: string | null, upTo: string | null, seen: ReadonlySet<string>): Position {
  if (upTo === null) return { since, seen: [] };
  const next = micros(new Date(Date.parse(upTo) - OVERLAP_MS));
  return { since: next, seen: kept(seen).filter((tag) => tag.slice(tag.indexOf('@') + 1) >= next) };
}

/** Ids seen first are seen again first. */
function kept(seen: ReadonlySet<string>): string[] {
  return [...seen].slice(-MOST_SEEN);
}

/** As the server tells instants, so that they compare as texts. */
function micros(instant: Date): string {
  return instant.toISOString().replace('Z', '000Z');
}
