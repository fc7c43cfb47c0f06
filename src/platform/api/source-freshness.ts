import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { Clock } from '../process/clock.ts';

@ObjectType({ description: 'Where a part of an answer comes from, and how old it is.' })
export class SourceFreshness {
  @Field(() => ID)
  source!: string;
  @Field(() => Date, { nullable: true })
  asOf!: Date | null;
  @Field(() => Int, { nullable: true })
  ageSeconds!: number | null;
  @Field()
  degraded!: boolean;
  @Field(() => String, { nullable: true })
  reason!: string | null;
}

/** The state of a source at this moment; undefined for a source that no connector reads. Must not block. */
export type SourceHealth = (
  source: string,
) => { asOf: Date | null; degraded: boolean; reason: string | null } | undefined;

/** Returns how old the hub's knowledge of a source is. */
export type FreshnessOf = (source: string) => SourceFreshness;

export function freshnessBy(health: SourceHealth, clock: Clock): FreshnessOf {
  return (source) => {
    const known = health(source) ?? { asOf: null, degraded: true, reason: 'No connector reads this source.' };
    return { source, ...known, ageSeconds: known.asOf && ageSeconds(known.asOf, clock) };
  };
}

/** Whole seconds; 0 when a clock runs ahead. */
function ageSeconds(asOf: Date, clock: Clock): number {
  return Math.max(0, Math.floor((clock.now().getTime() - asOf.getTime()) / 1000));
}
