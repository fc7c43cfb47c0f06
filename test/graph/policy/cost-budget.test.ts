import { expect, test } from '@jest/globals';
import { CostBudget } from '../../../src/graph/policy/cost/cost-budget.ts';
import type { HubError } from '../../../src/platform/errors.ts';

const key = (keyId: string) => ({ partner: 'p', name: 'n', keyId, admin: false });
const admin = { partner: 'admin', name: 'admin', admin: true };

function budget() {
  const clock = { ms: 1_000 };
  return { clock, budget: new CostBudget({ perMinute: 100, adminPerMinute: 1_000 }, () => clock.ms) };
}
const refusal = (charge: () => unknown): HubError['extensions'] | undefined => {
  try {
    charge();
    return undefined;
  } catch (error) {
    return (error as HubError).extensions;
  }
};

test('a key spends its own budget, and gets a new one a minute after its first operation', () => {
  const { clock, budget: of } = budget();
  expect(of.charge(key('a'), 60)).toBe(40);
  clock.ms += 30_500;
  expect(of.charge(key('a'), 40)).toBe(0);
  expect(refusal(() => of.charge(key('a'), 1))).toMatchObject({
    code: 'RATE_LIMITED',
    retryAfterSeconds: 30,
  });
  expect(of.charge(key('b'), 100)).toBe(0);
  clock.ms += 29_499;
  expect(refusal(() => of.charge(key('a'), 1))).toMatchObject({ retryAfterSeconds: 1 });
  clock.ms += 1;
  expect(of.charge(key('a'), 100)).toBe(0);
});

test('what is refused is not charged', () => {
  const { budget: of } = budget();
  of.charge(key('a'), 50);
  expect(refusal(() => of.charge(key('a'), 51))).toBeDefined();
  expect(of.charge(key('a'), 50)).toBe(0);
});

test('two keys of one partner and name have a budget each; the admin key has its own', () => {
  const { budget: of } = budget();
  expect(of.charge(key('a'), 100)).toBe(0);
  expect(of.charge(key('b'), 100)).toBe(0);
  expect(of.charge(admin, 999)).toBe(1);
});
