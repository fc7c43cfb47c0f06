import type { EntityManager } from '../../platform/database/database.ts';
import { HubError } from '../../platform/errors.ts';
import { newId } from '../../platform/database/ids.ts';
import { compileRules } from '../decide/rules/compile-rules.ts';
import type { RoutingRule, RuleProblem } from '../decide/rules/rules.ts';
import { starterRules } from '../decide/rules/starter-rules.ts';

export interface RuleSetRow {
  id: string;
  version: number;
  rung: 'DRAFT' | 'REPLAYED' | 'SHADOW' | 'CANARY' | 'ACTIVE' | 'RETIRED' | 'ROLLED_BACK';
  rules: RoutingRule[];
  createdBy: string;
  createdAt: Date;
}

/** Each may be long, and all are kept for the decisions that were taken by them. */
const MAX_RULE_SETS = 1_000;
const COLUMNS = 'id, version, rung, rules, created_by as "createdBy", created_at as "createdAt"';

/** Gives a new hub the rules that it starts with. */
export async function ensureStarterRules(em: EntityManager): Promise<void> {
  await em.execute(
    `insert into rule_set (id, version, rung, rules, created_by, created_at)
     select ?, 1, 'ACTIVE', ?::jsonb, 'orderweave', hub_now() where not exists (select 1 from rule_set)
     on conflict do nothing`,
    [newId(), JSON.stringify(starterRules)],
  );
}

/** The rules that orders are routed by. */
export async function activeRuleSet(em: EntityManager): Promise<RuleSetRow> {
  const [row] = await em.execute<RuleSetRow[]>(`select ${COLUMNS} from rule_set where rung = 'ACTIVE'`);
  if (!row) throw new Error('no rule set is active');
  return asRuleSet(row);
}

/** Newest first, those before the one of the id `after`. */
export async function listRuleSets(
  em: EntityManager,
  first: number,
  after: string | null,
): Promise<RuleSetRow[]> {
  const rows = await em.execute<RuleSetRow[]>(
    `select ${COLUMNS} from rule_set
     where ?::text is null or version < (select version from rule_set where id::text = ?)
     order by version desc limit ?`,
    [after, after, first],
  );
  return rows.map(asRuleSet);
}

export async function readRuleSets(em: EntityManager, ids: readonly string[]): Promise<RuleSetRow[]> {
  const rows = await em.execute<RuleSetRow[]>(
    `select ${COLUMNS} from rule_set where id in (select value::uuid from jsonb_array_elements_text(?::jsonb))`,
    [JSON.stringify(ids)],
  );
  return rows.map(asRuleSet);
}

/** Saves rules that nothing is routed by yet, or says what is wrong with them. */
export async function saveDraft(
  em: EntityManager,
  rules: readonly RoutingRule[],
  createdBy: string,
): Promise<RuleSetRow | { problems: readonly RuleProblem[] }> {
  const compiled = compileRules(rules);
  if (!compiled.ok) return { problems: compiled.problems };
  // Versions count without gaps: two drafts at once wait for each other.
  await em.execute('lock table rule_set in share row exclusive mode');
  const [held] = await em.execute<{ count: number }[]>('select count(*)::int as count from rule_set');
  if (held!.count >= MAX_RULE_SETS)
    throw new HubError('TOO_MANY_RULE_SETS', `The hub holds ${MAX_RULE_SETS} rule sets, the most it may.`, {
      max: MAX_RULE_SETS,
    });
  const [row] = await em.execute<RuleSetRow[]>(
    `insert into rule_set (id, version, rung, rules, created_by, created_at)
     select ?, coalesce(max(version), 0) + 1, 'DRAFT', ?::jsonb, ?, hub_now() from rule_set
     returning ${COLUMNS}`,
    [newId(), JSON.stringify(rules), createdBy],
  );
  return asRuleSet(row!);
}
function asRuleSet(row: RuleSetRow): RuleSetRow {
  return { ...row, createdAt: new Date(row.createdAt) };
}
