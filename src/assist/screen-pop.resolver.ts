import { Arg, Ctx, Field, Float, ID, ObjectType, Query, Resolver } from 'type-graphql';
import {
  Customer,
  IdentityKind,
  SourceFreshness,
  sourcesOfCustomer,
  type FreshnessOf,
  type IdentityLookup,
} from '../customer/index.ts';
import type { RequestContext } from '../platform/api/request-context.ts';
import { newId } from '../platform/database/ids.ts';
import { AssumedSize } from '../platform/api/list-size.ts';

@ObjectType({ description: 'Everything an agent needs while the phone rings.' })
export class ScreenPop {
  @Field(() => ID)
  id!: string;

  @AssumedSize(10)
  @Field(() => [Customer], {
    description: 'All whom the number may belong to; several where people share it.',
  })
  matches!: Customer[];

  @Field(() => Customer, {
    nullable: true,
    description: 'The only match; null where there are several, or none.',
  })
  customer!: Customer | null;

  @AssumedSize(10)
  @Field(() => [SourceFreshness], {
    description: 'Sources that are behind or silent: what they know may be missing.',
  })
  degradedSources!: SourceFreshness[];

  @Field(() => Float, {
    description: 'What finding the customer took; the fields below follow at their own pace.',
  })
  tookMs!: number;
}

/** Collaborators of the screen pop. */
export interface ScreenPopDeps {
  freshnessOf: FreshnessOf;
  lookup: IdentityLookup;
  /** The sources that the hub reads: one of them failing may be why nobody was found. */
  knownSources: () => readonly string[];
}

@Resolver(() => ScreenPop)
export class ScreenPopResolver {
  constructor(private readonly parts: ScreenPopDeps) {}

  @Query(() => ScreenPop, {
    description:
      'The caller in one round trip, by a phone number in any notation. Reads what the hub holds, so no source is waited for.',
  })
  async screenPop(
    @Arg('phone', () => String) phone: string,
    @Ctx() context: RequestContext,
  ): Promise<ScreenPop> {
    const started = performance.now();
    const matches = await this.parts.lookup.customersKnownBy(IdentityKind.PHONE, phone, undefined, context);
    const degradedSources = await this.degradedSources(matches, context);
    return {
      id: newId(),
      matches,
      customer: matches.length === 1 ? matches[0]! : null,
      degradedSources,
      tookMs: performance.now() - started,
    };
  }

  private async degradedSources(matches: Customer[], context: RequestContext): Promise<SourceFreshness[]> {
    const ofMatches = await context.loadMany(
      sourcesOfCustomer,
      matches.map(({ id }) => id),
    );
    const sources = new Set([...this.parts.knownSources(), ...ofMatches.flat()]);
    return [...sources]
      .sort()
      .map(this.parts.freshnessOf)
      .filter(({ degraded }) => degraded);
  }
}
