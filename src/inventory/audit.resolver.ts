import { Arg, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { RequestContext } from '../platform/request-context.ts';
import { auditStock } from './audit.ts';
import { DEFAULT_POOL, placesOf } from './promise-scope.ts';

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
  @Field(() => Int, { description: 'Counters compared.' })
  checked!: number;
  @Field(() => [StockDifferenceType])
  differences!: StockDifferenceType[];
}

@Resolver()
export class StockAuditResolver {
  @Query(() => StockAuditType, {
    description:
      'Folds the movement ledger and compares it with the live counters. `consistent` is false on any difference.',
  })
  async stockAudit(
    @Arg('skus', () => [ID], { nullable: true }) skus: string[] | null,
    @Ctx() context: RequestContext,
  ): Promise<StockAuditType> {
    if (skus) await placesOf(context, skus, DEFAULT_POOL);
    return auditStock(context.em, skus ?? undefined);
  }
}
