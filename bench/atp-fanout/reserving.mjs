import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { KEY } from './servers.mjs';

const RESERVE = `mutation Reserve($input: ReserveInput!) {
  reserve(input: $input) { __typename ... on Reservation { createdAt } }
}`;

export async function ask(url, query, variables) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function reserve(url, skus) {
  const lines = skus.map((sku) => ({ sku, quantity: 1 }));
  const input = { idempotencyKey: randomUUID(), channel: 'douyin', reference: randomUUID(), lines };
  const { reserve: made } = await ask(url, RESERVE, { input });
  if (made.__typename !== 'Reservation') throw new Error(JSON.stringify(made));
  return made;
}

/** Commit counters of SKUs, by code. */
export async function countersOf(url, codes) {
  const counters = new Map();
  for (let from = 0; from < codes.length; from += 500) {
    const skus = codes.slice(from, from + 500);
    const { availableToPromise } = await ask(
      url,
      'query ($skus: [ID!]!) { availableToPromise(skus: $skus) { version sku { code } } }',
      { skus },
    );
    for (const { version, sku } of availableToPromise) counters.set(sku.code, Number(version.split('.')[0]));
  }
  return counters;
}

/**
 * Real reservations, one after the other at a fixed rate: so each is a commit of its own, and the counter of a SKU tells
 * which one.
 * @param counters of all SKUs; counted on
 * @returns for `<sku> <counter>` the instant of the command in its transaction, which is before its commit
 */
export async function reserveAtRate(url, { perSecond, seconds, nextSkus, counters }) {
  const instants = new Map();
  const began = performance.now();
  for (let made = 0; made < perSecond * seconds; made++) {
    await delay(Math.max(0, began + (made * 1000) / perSecond - performance.now()));
    const skus = nextSkus();
    const { createdAt } = await reserve(url, skus);
    for (const sku of skus) {
      counters.set(sku, counters.get(sku) + 1);
      instants.set(`${sku} ${counters.get(sku)}`, Date.parse(createdAt));
    }
  }
  return instants;
}

/** As fast as so many callers get answers, until `isEnough`. */
export async function reserveUntil(url, { callers, nextSkus, isEnough }) {
  let made = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (!isEnough(made)) {
        await reserve(url, nextSkus());
        made += 1;
      }
    }),
  );
  return made;
}
