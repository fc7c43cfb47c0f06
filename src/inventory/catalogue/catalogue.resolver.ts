import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root, ArgsType, Field } from 'type-graphql';
import {
  ListArgs,
  PageArgs,
  checkedPageSize,
  connectionType,
  decodeCursor,
  encodeCursor,
  isPosition,
  pageOf,
  toConnection,
  type Connection,
} from '../../platform/api/pagination.ts';
import { HubError } from '../../platform/errors.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { Channel, FulfilmentNode, Sku } from './catalogue.entities.ts';
import { nodeByCode, skuByCode, levelsOfSku } from './catalogue.loaders.ts';
import { StockLevelRow } from './stock-level.entity.ts';
import { AssumedSize, SizedByFirst, Cost, SizedBy } from '../../platform/api/list-size.ts';

const SkuConnection = connectionType('Sku', () => Sku);

/** Characters of `search`: longer than any code or title. */
const MAX_SEARCH = 200;

@ArgsType()
class SkusArgs extends PageArgs {
  @Field(() => String, { nullable: true })
  search?: string | null;
}

@Resolver(() => Sku)
export class SkuResolver {
  @Query(() => Sku, { nullable: true })
  sku(@Arg('code', () => ID) code: string, @Ctx() context: RequestContext): Promise<Sku | null> {
    return context.load(skuByCode, code);
  }

  @SizedByFirst()
  @Cost(20)
  @Query(() => SkuConnection, {
    description: 'In the order in which the hub first saw them. `search`: part of the code or of the title.',
  })
  async skus(
    @Args(() => SkusArgs) { search, first, after }: SkusArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<Connection<Sku>> {
    const size = checkedPageSize(first);
    if (search && search.length > MAX_SEARCH)
      throw new HubError(
        'TEXT_TOO_LONG',
        `\`search\` may have ${MAX_SEARCH} characters, has ${search.length}.`,
      );
    const [position] = decodeCursor(after, [isPosition]) ?? [];
    const pattern = search ? `%${search.replaceAll(/[\\%_]/g, '\\$&')}%` : undefined;
    const rows = await em.find(
      Sku,
      {
        ...(position === undefined ? {} : { position: { $gt: position } }),
        ...(pattern === undefined
          ? {}
          : { $or: [{ code: { $ilike: pattern } }, { title: { $ilike: pattern } }] }),
      },
      { orderBy: { position: 'asc' }, limit: size + 1 },
    );
    return toConnection(rows, size, after, (sku) => encodeCursor(String(sku.position)));
  }

  @SizedBy('first')
  @Query(() => [Channel])
  async channels(@Args(() => ListArgs) page: ListArgs, @Ctx() { em }: RequestContext): Promise<Channel[]> {
    return pageOf(await em.find(Channel, {}, { orderBy: { code: 'asc' } }), page, ({ code }) => code);
  }

  @AssumedSize(50)
  @FieldResolver(() => [StockLevelRow])
  levels(@Root() sku: Sku, @Ctx() context: RequestContext): Promise<StockLevelRow[]> {
    return context.load(levelsOfSku, sku.code);
  }
}

@Resolver(() => StockLevelRow)
export class StockLevelResolver {
  @FieldResolver(() => FulfilmentNode)
  node(@Root() level: StockLevelRow, @Ctx() context: RequestContext): Promise<FulfilmentNode> {
    return context.load(nodeByCode, level.node);
  }
}
