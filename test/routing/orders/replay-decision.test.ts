import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../../src/platform/database/ids.ts';
import { decideRoute } from '../../../src/routing/index.ts';
import { insertDecision, readDecisions } from '../../../src/routing/store/decision-store.ts';
import { replay } from '../../../src/routing/orders/replay-decision.ts';
import { activeRuleSet, compiledRulesOf, readRuleSets } from '../../../src/routing/store/rule-set-store.ts';
import { instances, small } from '../../support/routing/random-input.ts';
import { paidOrder, shopFixture } from '../../support/routing/shop.ts';

const shop = shopFixture();

test('1,000 stored decisions, read back from the database, are decided again identically', async () => {
  await shop.stock('MUG', 'EAST', 5);
  const orderId = await shop.take(paidOrder('REPLAY', [['MUG', 1]]));
  const em = shop.orm.em.fork();
  const ruleSet = await activeRuleSet(em);
  const rules = compiledRulesOf(ruleSet);
  const ids: string[] = [];
  for (const { input } of fc.sample(instances(small), { numRuns: 1_000, seed: 7 })) {
    const outcome = decideRoute(input, rules);
    ids.push(
      await insertDecision(em, {
        orderId,
        ruleSetId: ruleSet.id,
        cohort: 'DRY_RUN',
        mode: 'NORMAL',
        input,
        outcome,
        reservationIds: [newId()],
        status: 'FINAL',
        durationMs: 1,
      }),
    );
  }
  const decisions = await readDecisions(shop.orm.em.fork(), ids);
  const [stored] = await readRuleSets(shop.orm.em.fork(), [ruleSet.id]);
  expect(decisions).toHaveLength(1_000);
  expect(new Set(decisions.map(({ outcome }) => outcome.outcome)).size).toBeGreaterThan(1);
  expect(decisions.filter((decision) => replay(decision, stored!) !== undefined)).toEqual([]);

  const tampered = structuredClone(decisions.find(({ outcome }) => outcome.shipments.length > 0)!);
  tampered.outcome.shipments[0]!.costMinor += 1;
  expect(replay(tampered, stored!)).toBe('shipments.0.costMinor');
}, 60_000);
