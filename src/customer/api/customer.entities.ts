import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, Float, ID, ObjectType } from 'type-graphql';
import { IdentityKind } from '../identity/identity.ts';
import { Cost } from '../../platform/api/list-size.ts';

@Cost(5)
@ObjectType({ description: 'One person, whatever systems know them; the id lives for ever.' })
@Entity({ tableName: 'customer' })
export class Customer {
  @Field(() => ID)
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Field(() => String, { nullable: true })
  @Property({ type: 'text', nullable: true })
  displayName!: string | null;

  /** The customer that this one turned out to be. */
  @Property({ type: 'uuid', nullable: true })
  mergedInto!: string | null;
}

@ObjectType({ description: 'By what a source knows a customer.' })
export class CustomerIdentity {
  @Field(() => IdentityKind)
  kind!: IdentityKind;

  @Field({ description: 'Normalised: E.164, a case-folded address, or the id within its channel or source.' })
  value!: string;

  @Field(() => ID, { nullable: true })
  channel!: string | null;

  @Field(() => ID)
  source!: string;

  @Field(() => Float, { description: '1 where it was linked by a rule rather than by likelihood.' })
  matchProbability!: number;

  @Field({ description: 'Whether the source itself vouches for it, as a channel does for its own user ids.' })
  verified!: boolean;
}

@ObjectType({ description: 'What a customer is said to prefer, as a source states it.' })
export class Preference {
  @Field()
  name!: string;
  @Field()
  value!: string;
  @Field(() => ID)
  source!: string;
}
