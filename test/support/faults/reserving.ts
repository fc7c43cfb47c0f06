import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { postGraphql, type GraphqlReply } from '../post-graphql.ts';
import { until } from '../until.ts';

export const FAULT_SKU = 'FAULT-1';

/** The address and key of a hub that sells. */
export interface SellingHub {
  url: string;
  adminKey: string;
}

/** Puts 100,000 of the one SKU into the warehouse. */
export async function stockUp(hub: SellingHub): Promise<void> {
  const counted = await postGraphql(hub, {
    query: `mutation { adjustStock(input: { node: "WH", reason: "count", idempotencyKey: "${randomUUID()}", lines: [{ sku: "${FAULT_SKU}", counted: 100000 }] }) { __typename } }`,
  });
  expect(counted.errors).toBeUndefined();
}

/** Reserves one unit; the key is the reference too. */
export function reserve(hub: SellingHub, key: string = randomUUID()): Promise<GraphqlReply> {
  return postGraphql(hub, {
    query: `mutation { reserve(input: { idempotencyKey: "${key}", channel: "jd", reference: "${key}", lines: [{ sku: "${FAULT_SKU}", quantity: 1 }] }) { __typename } }`,
  });
}

export const codeOf = (reply: GraphqlReply): string | undefined => reply.errors?.[0]?.extensions?.code;

export const isReserved = (reply: GraphqlReply): boolean =>
  (reply.data as { reserve?: { __typename: string } } | null)?.reserve?.__typename === 'Reservation';

/** @returns ms until a new reservation is accepted */
export async function msUntilReserved(hub: SellingHub): Promise<number> {
  const began = performance.now();
  await until(async () => isReserved(await reserve(hub)));
  return performance.now() - began;
}

/** Callers that reserve one after the other until they are stopped, and what they were answered. */
export interface ReservingLoad {
  /** The keys that a hub has acknowledged. */
  acknowledged: string[];
  /** Each other answer, by its code. */
  refused: Map<string, number>;
  stop: () => Promise<void>;
}

export function startReserving(hubs: readonly SellingHub[], callersEach: number): ReservingLoad {
  const [acknowledged, refused] = [[] as string[], new Map<string, number>()];
  const stopping = new AbortController();
  const caller = async (hub: SellingHub) => {
    while (!stopping.signal.aborted) {
      const key = randomUUID();
      const reply = await reserve(hub, key);
      if (isReserved(reply)) acknowledged.push(key);
      else refused.set(codeOf(reply) ?? 'none', (refused.get(codeOf(reply) ?? 'none') ?? 0) + 1);
    }
  };
  const callers = Promise.all(hubs.flatMap((hub) => Array.from({ length: callersEach }, () => caller(hub))));
  return {
    acknowledged,
    refused,
    async stop() {
      stopping.abort();
      await callers;
    },
  };
}
