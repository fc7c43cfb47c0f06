import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../platform/api/request-context.ts';
import { Customer, CustomerIdentity, Preference } from './customer.entities.ts';
import {
  customerById,
  identitiesOfCustomer,
  preferencesOfCustomer,
  sourcesOfCustomer,
} from './customer.loaders.ts';
import { SourceFreshness, type FreshnessOf } from '../../platform/api/source-freshness.ts';
import type { IdentityLookup } from './identity-lookup.ts';
import { IdentityKind } from '../identity/identity.ts';
import { ListArgs, pageOf } from '../../platform/api/pagination.ts';
import { AssumedSize } from '../../platform/api/list-size.ts';

@ArgsType()
class IdentityArgs extends ListArgs {
  @Field(() => IdentityKind)
  kind!: IdentityKind;
  @Field()
  value!: string;
  @Field(() => ID, { nullable: true })
  channel?: string | null;
}

@Resolver(() => Customer)
export class CustomerResolver {
  constructor(
    private readonly freshnessOf: FreshnessOf,
    private readonly lookup: IdentityLookup,
  ) {}

  @Query(() => Customer, {
    nullable: true,
    description: 'By id; that of a merged customer answers its survivor.',
  })
  customer(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext): Promise<Customer | null> {
    return context.load(customerById, id);
  }

  @AssumedSize(10)
  @Query(() => [Customer], {
    description:
      'By anything a source system knows: phone in any format, e-mail, channel user id. A shared phone names several.',
  })
  async customersByIdentity(
    @Args(() => IdentityArgs) { kind, value, channel, ...page }: IdentityArgs,
    @Ctx() context: RequestContext,
  ): Promise<Customer[]> {
    const found = await this.lookup.customersKnownBy(kind, value, channel, context);
    return pageOf(found, page, ({ id }) => id);
  }

  @AssumedSize(10)
  @FieldResolver(() => [CustomerIdentity])
  identities(@Root() customer: Customer, @Ctx() context: RequestContext): Promise<CustomerIdentity[]> {
    return context.load(identitiesOfCustomer, customer.id);
  }

  @AssumedSize(10)
  @FieldResolver(() => [Preference])
  preferences(@Root() customer: Customer, @Ctx() context: RequestContext): Promise<Preference[]> {
    return context.load(preferencesOfCustomer, customer.id);
  }

  @AssumedSize(10)
  @FieldResolver(() => [SourceFreshness], { description: 'Where each part comes from, and how old it is.' })
  async sources(@Root() customer: Customer, @Ctx() context: RequestContext): Promise<SourceFreshness[]> {
    return (await context.load(sourcesOfCustomer, customer.id)).map(this.freshnessOf);
  }
}
