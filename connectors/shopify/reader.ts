import {
  behindPage,
  FatalError,
  listFrom,
  type Cursor,
  type ListPosition,
  type Page,
  type RawRecord,
} from '../spi/index.ts';
import type { ShopifyClient } from './client.ts';
import {
  linesQuery,
  MOST_IN_AN_ARRAY,
  MOST_UNDER_AN_ORDER,
  nodesQuery,
  pageQuery,
  underQuery,
  type Reading,
} from './queries.ts';

/**
 * Paging stops at 25,000 objects (source-systems.md §4). The index that lists are searched by may be behind; how far is not
 * documented.
 */
const RULES = { most: 25_000, overlapMs: 120_000, stepMs: 1_000 };

interface Connection<T> {
  nodes: T[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** A record as Shopify has it. */
type ShopifyNode = Record<string, unknown> & { id: string };
/** One of a list that is read by time. */
type ListedNode = ShopifyNode & { updatedAt: string };

/** Reads the records updated since the cursor, oldest first. */
export async function* readUpdated(
  client: ShopifyClient,
  reading: Reading,
  pageSize: number,
  stored: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  let position = (stored ?? listFrom(new Date(0))) as unknown as ListPosition;
  const document = pageQuery(reading);
  for (;;) {
    signal.throwIfAborted();
    const variables = {
      first: pageSize,
      after: position.after,
      query: `updated_at:>='${position.since.slice(0, 19)}Z'`,
    };
    const data = await client.query<Record<string, Connection<ListedNode>>>(document, variables, signal);
    const { nodes, pageInfo } = data[reading.list]!;
    const last = nodes.at(-1);
    if (!last) return;
    const after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    const page = { lastChange: new Date(last.updatedAt), count: nodes.length, after };
    position = behindPage(position, page, { ...RULES, pageSize });
    const records = await recordsOf(client, reading, nodes, signal);
    yield { records, rejects: [], cursor: { ...position } };
    if (after === null) return;
  }
}

/** The records with these ids; what is gone is left out. */
export async function readByIds(
  client: ShopifyClient,
  reading: Reading,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<RawRecord[]> {
  // What is no id of Shopify's at all would fail the whole query.
  const known = ids.filter((id) => id.startsWith(`gid://shopify/${reading.type}/`));
  const records: RawRecord[] = [];
  for (let from = 0; from < known.length; from += MOST_UNDER_AN_ORDER) {
    const some = known.slice(from, from + MOST_UNDER_AN_ORDER);
    const { nodes } = await client.query<{ nodes: (ShopifyNode | null)[] }>(
      nodesQuery(reading),
      { ids: some },
      signal,
    );
    const found = nodes.filter((node) => node !== null);
    records.push(...(await complete(client, reading, found, signal)));
  }
  return records;
}

async function recordsOf(
  client: ShopifyClient,
  reading: Reading,
  nodes: readonly ShopifyNode[],
  signal: AbortSignal,
): Promise<RawRecord[]> {
  if (reading.under === undefined) return complete(client, reading, nodes, signal);
  const records: RawRecord[] = [];
  for (const order of nodes) {
    const under = await allUnder(client, reading, order, signal);
    records.push(...(await complete(client, reading, under, signal)));
  }
  return records;
}

async function allUnder(
  client: ShopifyClient,
  reading: Reading,
  order: ShopifyNode,
  signal: AbortSignal,
): Promise<ShopifyNode[]> {
  const some = listUnder(order, reading);
  if (some.length < MOST_UNDER_AN_ORDER) return some;
  const { node } = await client.query<{ node: ShopifyNode }>(underQuery(reading), { id: order.id }, signal);
  const all = listUnder(node, reading);
  if (all.length >= MOST_IN_AN_ARRAY)
    throw new FatalError(`${order.id} has ${MOST_IN_AN_ARRAY} ${reading.under} or more.`);
  return all;
}

function listUnder(order: Record<string, unknown>, { under }: Reading): ShopifyNode[] {
  const found = order[under!] as ShopifyNode[] | Connection<ShopifyNode>;
  return Array.isArray(found) ? found : found.nodes;
}

async function complete(
  client: ShopifyClient,
  reading: Reading,
  nodes: readonly ShopifyNode[],
  signal: AbortSignal,
): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  for (const node of nodes) {
    const data = reading.lines ? await withAllLines(client, reading, node, signal) : node;
    if (isFact(reading, data)) records.push({ id: data.id, origin: data.id, data });
  }
  return records;
}

/** A refund counts once its money has gone, and where it is for goods: one of postage alone moves no stock. */
function isFact({ type }: Reading, node: ShopifyNode): boolean {
  if (type !== 'Refund') return true;
  const { nodes: transactions } = node.transactions as Connection<{ status: string }>;
  const { nodes: lines } = node.refundLineItems as Connection<unknown>;
  return lines.length > 0 && transactions.every(({ status }) => status === 'SUCCESS');
}

async function withAllLines(
  client: ShopifyClient,
  reading: Reading,
  node: ShopifyNode,
  signal: AbortSignal,
): Promise<ShopifyNode> {
  const { field } = reading.lines!;
  const asked = node[field] as Connection<unknown>;
  const nodes = [...asked.nodes];
  let { pageInfo } = asked;
  while (pageInfo.hasNextPage) {
    const variables = { id: node.id, after: pageInfo.endCursor };
    const data = await client.query<{ node: Record<string, Connection<unknown>> }>(
      linesQuery(reading),
      variables,
      signal,
    );
    const more = data.node[field]!;
    nodes.push(...more.nodes);
    pageInfo = more.pageInfo;
  }
  return { ...node, [field]: { nodes, pageInfo } };
}
