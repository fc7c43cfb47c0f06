import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';

export enum ReviewStatus {
  OPEN = 'OPEN',
  RESOLVED = 'RESOLVED',
  DEFAULTED = 'DEFAULTED',
}
registerEnumType(ReviewStatus, {
  name: 'ReviewStatus',
  description: 'DEFAULTED: nobody decided until the deadline, and the default action ran.',
});

@ObjectType({
  description: 'A decision that waits for a person, with a deadline and what happens then: nothing is stuck.',
})
@Entity({ tableName: 'review_task' })
export class ReviewTask {
  @Field(() => ID)
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Field({ description: 'What sort of decision, e.g. PROMISE_BREACH.' })
  @Property({ type: 'text' })
  kind!: string;

  @Field({ description: 'What it is about; one open task a kind and subject.' })
  @Property({ type: 'text' })
  subject!: string;

  @Field()
  @Property({ type: 'text' })
  summary!: string;

  @Field(() => GraphQLJSONObject)
  @Property({ type: 'json' })
  details!: Record<string, unknown>;

  @Field(() => ReviewStatus)
  @Property({ type: 'text' })
  status!: ReviewStatus;

  @Field(() => Date)
  @Property({ type: 'datetime' })
  openedAt!: Date;

  @Field(() => Date)
  @Property({ type: 'datetime' })
  deadline!: Date;

  @Field({ description: 'What happens at the deadline.' })
  @Property({ type: 'text' })
  defaultAction!: string;

  @Field(() => String, { nullable: true, description: 'What was decided.' })
  @Property({ type: 'text', nullable: true })
  action!: string | null;

  @Field(() => String, { nullable: true })
  @Property({ type: 'text', nullable: true })
  note!: string | null;

  @Field(() => String, { nullable: true })
  @Property({ type: 'text', nullable: true })
  resolvedBy!: string | null;

  @Field(() => Date, { nullable: true })
  @Property({ type: 'datetime', nullable: true })
  resolvedAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description: 'Why the default action could not run; it is tried again.',
  })
  @Property({ type: 'text', nullable: true })
  failure!: string | null;
}
