import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { claimKey, idempotencyOf, storeReply } from '../../platform/api/idempotency.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { Cost, SizedBy } from '../../platform/api/list-size.ts';
import { ShortPageArgs, checkedPageSize } from '../../platform/api/pagination.ts';
import { listRuleSets, readRuleSets, saveDraft } from '../store/rule-set-store.ts';
import { checkRules } from './check-rules.ts';
import { RuleSet, RuleSetDraftInput, RuleSetInvalid, RuleSetPayload } from './rule-set.types.ts';

/** For an explicit `first: null`; a set may be long. */
const DEFAULT_PAGE_SIZE = 10;

@Resolver(() => RuleSet)
export class RuleSetResolver {
  @SizedBy('first')
  @Query(() => [RuleSet], { description: 'Newest first. `after`: the id of the last one you have.' })
  async ruleSets(
    @Args(() => ShortPageArgs) { first, after }: ShortPageArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<RuleSet[]> {
    return (
      await listRuleSets(em, checkedPageSize(first ?? DEFAULT_PAGE_SIZE), after?.toLowerCase() ?? null)
    ).map(RuleSet.of);
  }

  @Cost(10)
  @Mutation(() => RuleSetPayload, {
    description: 'Saves rules that nothing is routed by yet, checked as they are saved.',
  })
  createRuleSetDraft(
    @Arg('input', () => RuleSetDraftInput) input: RuleSetDraftInput,
    @Ctx() { em, actor, requestId }: RequestContext,
  ): Promise<RuleSet | RuleSetInvalid> {
    const idempotency = idempotencyOf('createRuleSetDraft', input, requestId);
    checkRules(input.rules);
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
