import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { newKey } from '../../support/graph/fixture.ts';
import { overHttp } from '../../support/graph/transports.ts';
import { connect } from '../../support/inventory/engine.ts';

let hub: RunningHub;
beforeAll(async () => {
  hub = await startHub();
}, 60_000);
afterAll(() => hub.stop());

const DRAFT = `mutation ($input: RuleSetDraftInput!) {
  createRuleSetDraft(input: $input) { __typename ... on RuleSet { id version } ... on RuleSetInvalid { problems { message } } }
}`;
interface Drafted {
  createRuleSetDraft: { __typename: string; id: string; version: number; problems?: { message: string }[] };
}
const rule = (more: object = {}) => ({ name: 'r', when: 'true', effect: 'PREFER', weight: 1, ...more });
const draft = (rules: object[]) =>
  overHttp.send<Drafted>(hub, DRAFT, { input: { idempotencyKey: newKey(), rules } });

test.each([
  ['when', 2_000, 'TEXT_TOO_LONG', [rule({ when: `true || "${'x'.repeat(2_000)}" == ""` })]],
  ['message', 500, 'TEXT_TOO_LONG', [rule({ message: 'x'.repeat(501) })]],
  ['name', 100, 'TEXT_TOO_LONG', [rule({ name: 'x'.repeat(101) })]],
  ['rules', 200, 'TOO_MANY_LINES', Array.from({ length: 201 }, (_, n) => rule({ name: `r${n}` }))],
])('%s has a limit of %d', async (_what, max, code, rules) => {
  const { errors } = await draft(rules);
  expect(errors![0]!.extensions).toMatchObject({ code, max, retryable: false });
});

test('lists nested in each other are refused as they are saved', async () => {
  const nested = Array.from({ length: 12 }).reduce<string>(
    (inner, _each, n) => `[1,2,3,4,5,6,7,8,9,10].map(v${n}, ${inner})`,
    '1',
  );
  const { data } = await draft([rule({ when: `${nested}.size() > 0` })]);
  expect(data!.createRuleSetDraft.problems![0]!.message).toMatch(/more than 100000 steps/);
});

test('ruleSets has pages', async () => {
  for (let n = 0; n < 12; n++) await draft([rule()]);
  const page = async (args: string) =>
    (
      await overHttp.send<{ ruleSets: { id: string; version: number }[] }>(
        hub,
        `{ ruleSets${args} { id version } }`,
      )
    ).data!.ruleSets;
  const first = await page('');
  expect(first.map(({ version }) => version)).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
  expect((await page(`(first: 2, after: "${first.at(-1)!.id}")`)).map(({ version }) => version)).toEqual([
    3, 2,
  ]);
  expect(await page('(first: 100)')).toHaveLength(13);
});

test('drafts end where the hub holds as many sets as it may', async () => {
  const database = await connect(hub.databaseUrl);
  await database.query(
    `insert into rule_set (id, version, rung, rules, created_by, created_at)
     select gen_random_uuid(), 1000 + n, 'DRAFT', '[]', 'test', now()
     from generate_series(1, 1000 - (select count(*)::int from rule_set)) as n`,
  );
  await database.end();
  const { errors } = await draft([rule()]);
  expect(errors![0]!.extensions).toMatchObject({ code: 'TOO_MANY_RULE_SETS', max: 1_000 });
});
