import { Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Cost } from '../../platform/api/list-size.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { ConnectorStatus } from '../../sync/index.ts';
import { countRefused } from './publication-store.ts';

/** Counts what sources with a counter of their own were not told of. */
@Resolver(() => ConnectorStatus)
export class StockPublicationResolver {
  @Cost(2)
  @FieldResolver(() => Int, {
    description: 'SKUs that a source with a counter of its own would not be told of.',
  })
  refusedStock(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<number> {
    return countRefused(em, id);
  }
}
