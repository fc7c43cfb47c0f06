import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { HubError } from '../../platform/errors.ts';
import type { RequestContext } from '../../platform/api/request-context.ts';
import { Customer, CustomerIdentity, Preference } from './customer.entities.ts';
import {
  customerById,
  customersByIdentity,
  identitiesOfCustomer,
  preferencesOfCustomer,
  sourcesOfCustomer,
} from './customer.loaders.ts';
import { SourceFreshness, type FreshnessOf } from '../../platform/api/source-freshness.ts';
import { IdentityKind, identityQuery } from '../identity/identity.ts';
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
  constructor(private readonly freshnessOf: FreshnessOf) {}

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
    return pageOf(await customersKnownBy(kind, value, channel, context), page, ({ id }) => id);
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

/**
 * The customers whom an identity in any notation names, oldest first.
 * @throws HubError INVALID_IDENTITY
 */
export async function customersKnownBy(
  kind: IdentityKind,
  value: string,
  channel: string | null | undefined,
  context: RequestContext,
): Promise<Customer[]> {
  const query = identityQuery(kind, value, channel);
  if (!query)
    throw new HubError(
      'INVALID_IDENTITY',
      `The value is no ${kind}: ${EXPECTED[kind]} is needed, unmasked and no placeholder.`,
    );
  return context.load(customersByIdentity, query);
}

const EXPECTED: Record<IdentityKind, string> = {
  PHONE: 'a phone number in any notation (without country code it is read as Chinese)',
  EMAIL: 'an e-mail address',
  CHANNEL_USER: 'the id of a user within a channel',
  EXTERNAL: 'the id of a person record in its source',
};
