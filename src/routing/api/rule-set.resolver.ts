import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { claimKey, idempotencyOf, storeReply } from '../../platform/api/idempotency.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { HubError } from '../../platform/errors.ts';
import { listRuleSets, readRuleSets, saveDraft } from '../store/rule-set-store.ts';
import { RuleSet, RuleSetDraftInput, RuleSetInvalid, RuleSetPayload } from './rule-set.types.ts';

const MAX_RULES = 200;

@Resolver(() => RuleSet)
export class RuleSetResolver {
  @Query(() => [RuleSet], { description: 'Newest first.' })
  async ruleSets(@Ctx() { em }: RequestContext): Promise<RuleSet[]> {
    return (await listRuleSets(em)).map(RuleSet.of);
  }

  @Mutation(() => RuleSetPayload, {
    description: 'Saves rules that nothing is routed by yet, checked as they are saved.',
  })
  createRuleSetDraft(
    @Arg('input', () => RuleSetDraftInput) input: RuleSetDraftInput,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<RuleSet | RuleSetInvalid> {
    const idempotency = idempotencyOf('createRuleSetDraft', input);
    if (input.rules.length > MAX_RULES)
      throw new HubError(
        'TOO_MANY_LINES',
        `A rule set has at most ${MAX_RULES} rules, not ${input.rules.length}.`,
      );
    return em.transactional(async (tx) => {
      const earlier = await claimKey(tx, actor, idempotency, isDraftReply);
      const saved = earlier
        ? earlier.ruleSetId
          ? (await readRuleSets(tx, [earlier.ruleSetId]))[0]!
          : { problems: earlier.problems! }
        : await saveDraft(tx, input.rules, actor.name);
      if (!earlier)
        await storeReply(tx, actor, idempotency, 'problems' in saved ? saved : { ruleSetId: saved.id });
      return 'problems' in saved
        ? Object.assign(new RuleSetInvalid(), { problems: [...saved.problems] })
        : RuleSet.of(saved);
    });
  }
}

interface DraftReply {
  ruleSetId?: string;
  problems?: RuleSetInvalid['problems'];
}

function isDraftReply(stored: { ruleSetId?: unknown; problems?: unknown }): stored is DraftReply {
  return typeof stored.ruleSetId === 'string' || Array.isArray(stored.problems);
}
