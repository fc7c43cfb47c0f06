import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../../src/platform/database/ids.ts';
import { decideRoute, unconstrainedCostMinor } from '../../../src/routing/index.ts';
import { insertDecision, readDecisions } from '../../../src/routing/store/decision-store.ts';
import { replay } from '../../../src/routing/orders/replay-decision.ts';
import { activeRuleSet, readRuleSets } from '../../../src/routing/store/rule-set-store.ts';
import { compiled } from '../../support/routing/fixtures.ts';
import { instances, small } from '../../support/routing/random-input.ts';
import { paidOrder, shopFixture } from '../../support/routing/shop.ts';

const shop = shopFixture();

test('1,000 stored decisions, read back from the database, are decided again identically', async () => {
  await shop.stock('MUG', 'EAST', 5);
  const orderId = await shop.take(paidOrder('REPLAY', [['MUG', 1]]));
  const em = shop.orm.em.fork();
  const ruleSet = await activeRuleSet(em);
  const rules = compiled(...ruleSet.rules);
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
        givesWork: false,
      }),
    );
  }
  const decisions = await readDecisions(shop.orm.em.fork(), ids);
  const [stored] = await readRuleSets(shop.orm.em.fork(), [ruleSet.id]);
  expect(decisions).toHaveLength(1_000);
  expect(new Set(decisions.map(({ outcome }) => outcome.outcome)).size).toBeGreaterThan(1);
  const differences = await Promise.all(decisions.map((each) => replay(each, stored!, shop.deciders)));
  expect(differences.filter((difference) => difference !== undefined)).toEqual([]);

  const planned = decisions.find(({ outcome }) => outcome.shipments.length > 0)!;
  const tampered = structuredClone(planned);
  tampered.outcome.shipments[0]!.costMinor += 1;
  expect(await replay(tampered, stored!, shop.deciders)).toBe('shipments.0.costMinor');

  // Engine 1 stored the unconstrained cost with the decision.
  const earlier = structuredClone(planned);
  earlier.outcome.engineVersion = '1';
  earlier.outcome.unconstrainedCostMinor = unconstrainedCostMinor(earlier.input, rules);
  expect(earlier.outcome.unconstrainedCostMinor).toBeGreaterThan(0);
  expect(await replay(earlier, stored!, shop.deciders)).toBeUndefined();
  earlier.outcome.unconstrainedCostMinor! -= 1;
  expect(await replay(earlier, stored!, shop.deciders)).toBe(
    'engine changed from 1 to 2: unconstrainedCostMinor',
  );
}, 60_000);
