import { describe, expect, test } from '@jest/globals';
import { until } from '../support/until.ts';
import type { RunningHub } from '../support/hub.ts';
import { hubConnected } from '../support/webhooks/connected-hub.ts';
import { commandsOf, partnersFixture } from '../support/webhooks/fixture.ts';
import type { Received } from '../support/webhooks/receiver.ts';

const SKUS = Array.from({ length: 8 }, (_, at) => `S${at}`);
const partners = partnersFixture(SKUS);
const { makeDue, partner } = partners;
const { count, reserve, extend, confirm, release, cancel } = commandsOf(partners);

const EVENTS = ['created', 'extended', 'confirmed', 'released', 'expired', 'cancelled', 'changed'].map(
  (name) => `reservation.${name}`,
);
const reservationOf = ({ data }: Pick<Received, 'data'>) => (data.reservation as { id: string }).id;

/** As if all leases of processes that are gone had ended. */
const endLeases = () =>
  partners.database.query(
    'update webhook_delivery set leased_until = hub_now() where leased_until is not null',
  );

describe('at least once', () => {
  test('a hub that is killed between sending and writing it down: another sends again, under the same id', async () => {
    await count('S0', 100);
    const receiver = await partner(['reservation.created', 'reservation.confirmed']);
    let victim: RunningHub | undefined;
    const killed = Promise.withResolvers<void>();
    let attempts = 0;
    receiver.answer = async () => {
      if (++attempts > 1) return 204;
      // Whoever sent it waits for this answer: the hub that holds the lease.
      victim = hubConnected(partners.hubs, { other: Number(new URL(receiver.url).port) });
      await victim.kill();
      killed.resolve();
      return 204; // to nobody
    };
    const id = await reserve('S0');
    await killed.promise;
    const [alive] = partners.hubs.filter((hub) => hub !== victim) as [RunningHub];
    partners.hubs.splice(partners.hubs.indexOf(victim!), 1);
    await confirm(id, alive);
    expect(receiver.received.every(({ type }) => type === 'reservation.created')).toBe(true);
    await endLeases();
    await until(() => receiver.received.filter(({ type }) => type === 'reservation.confirmed').length === 1);
    const created = receiver.received.filter(({ type }) => type === 'reservation.created');
    expect(created).toHaveLength(2);
    expect(created[0]!.id).toBe(created[1]!.id);
    expect(created[0]!.text).toBe(created[1]!.text);
    await partners.start();
  });

  test('writers of two hubs, faults, and a kill in the middle: nothing is lost, each key in order', async () => {
    for (const sku of SKUS) await count(sku, 1_000);
    const receiver = await partner(EVENTS);
    let messages = 0;
    receiver.answer = () => ([204, 204, 500, 204, 'CUT', 204, 204] as const)[messages++ % 7]!;
    const story = async (nth: number) => {
      const [here, there] = nth % 2 === 0 ? partners.hubs : partners.hubs.toReversed();
      const id = await reserve(SKUS[nth % SKUS.length]!, {}, here);
      if (nth % 3 === 0) await extend(id, there);
      if (nth % 4 === 0) return release(id, here);
      await confirm(id, there);
      return nth % 5 === 0 ? cancel(id, here) : undefined;
    };
    const everything = Promise.all(Array.from({ length: 160 }, (_, nth) => story(nth)));
    await until(() => receiver.received.length > 20);
    await everything;
    await partners.hubs.pop()!.kill();
    receiver.answer = () => (messages++ % 11 === 0 ? 500 : 204);
    await endLeases();

    const expected = await partners.database.query<{ id: string; states: string[] }>(
      `select id, (select jsonb_agg(e->>'state' order by nth) from jsonb_array_elements(events) with ordinality as t (e, nth)) as states
       from reservation where reference <> 'CHECKOUT-1' and created_at > (select created_at from webhook_endpoint where id = $1)
       order by id`,
      [receiver.endpoint.id],
    );
    const total = expected.reduce((sum, { states }) => sum + states.length, 0);
    expect(expected).toHaveLength(160);
    await until(async () => {
      await makeDue();
      return receiver.taken().length >= total;
    });
    const taken = Map.groupBy(receiver.taken(), reservationOf);
    for (const { id, states } of expected)
      expect({ id, states: taken.get(id)?.map(({ data }) => data.state) }).toEqual({ id, states });
    expect(receiver.taken()).toHaveLength(total);
    await partners.start();
  });
});
