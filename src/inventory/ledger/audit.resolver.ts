import { Arg, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { RequestContext } from '../../platform/api/request-context.ts';
import { HubError } from '../../platform/errors.ts';
import { auditChanged } from './incremental-audit.ts';
import { auditStock } from './audit-stock.ts';
import { balanceKeysOfSkus } from '../availability/availability-scope.ts';
import { DEFAULT_POOL } from '../model/default-pool.ts';
import { AssumedSize, Cost } from '../../platform/api/list-size.ts';

@ObjectType('StockDifference')
class StockDifferenceType {
  @Field(() => ID)
  sku!: string;
  @Field()
  place!: string;
  @Field()
  counter!: string;
  @Field(() => Int)
  stored!: number;
  @Field(() => Int)
  folded!: number;
}

@ObjectType('StockAudit')
class StockAuditType {
  @Field()
  consistent!: boolean;
  @Field(() => Int, { description: 'Counters compared; those that are 0 on both sides are left out.' })
  checked!: number;
  @AssumedSize(100)
  @Field(() => [StockDifferenceType])
  differences!: StockDifferenceType[];
}

@Resolver()
export class StockAuditResolver {
  @Cost(500)
  @Query(() => StockAuditType, {
    description:
      'Folds the movement ledger and compares it with the live counters. `consistent` is false on any difference.',
  })
  async stockAudit(
    @Arg('skus', () => [ID], { nullable: true }) skus: string[] | null,
    @Arg('changedOnly', () => Boolean, {
      defaultValue: false,
      description:
        'Looks only at SKUs that have moved since such an audit last looked, and at what the ledger has added; the first one looks at all.',
    })
    changedOnly: boolean,
    @Ctx() context: RequestContext,
  ): Promise<StockAuditType> {
    if (changedOnly && skus) throw new HubError('BAD_USER_INPUT', 'Give `skus` or `changedOnly`, not both.');
    if (changedOnly) return auditChanged(context.em);
    if (skus) await balanceKeysOfSkus(context, skus, DEFAULT_POOL);
    return auditStock(context.em, skus ?? undefined);
  }
}
