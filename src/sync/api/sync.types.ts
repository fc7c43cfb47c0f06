import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { PageArgs, connectionType } from '../../platform/api/pagination.ts';
import { AssumedSize, Cost } from '../../platform/api/list-size.ts';

@ObjectType()
export class ConnectorStream {
  @Field()
  name!: string;
  @Field(() => Int)
  recordsRead!: number;
  @Field(() => Date, { nullable: true })
  lastReadAt!: Date | null;
  @Field(() => String, { nullable: true })
  lastError!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Where the next read goes on, as JSON of the connector.',
  })
  cursor!: string | null;
}

@ObjectType({ description: 'How a source system is doing.' })
export class ConnectorStatus {
  @Field(() => ID)
  id!: string;
  @Field()
  kind!: string;
  @Field()
  healthy!: boolean;
  @Field({ description: 'A person has stopped it; what it has pushed meanwhile waits.' })
  paused!: boolean;
}

@InputType()
export class ResyncConnectorInput {
  @Field(() => ID)
  connector!: string;
  @Field(() => [String], { nullable: true, description: 'All of them when left out.' })
  streams?: string[] | null;
  @Field(() => Date, {
    nullable: true,
    description:
      'What has changed since then; everything when left out, or where the source cannot tell what has changed.',
  })
  since?: Date | null;
}

@ObjectType('DeadLetter', {
  description: 'Something a source sent that could not be taken in: kept, shown and retryable.',
})
export class DeadLetterType {
  @Field(() => ID)
  id!: string;
  @Field(() => ID)
  connector!: string;
  @Field()
  stream!: string;
  @Field({ description: 'Where a person finds it, e.g. a file and a row.' })
  origin!: string;
  @Field()
  reason!: string;
  @Cost(5)
  @Field({ description: 'As the source had it, shortened.' })
  payload!: string;
  @Field()
  firstSeenAt!: Date;
  @Field(() => Int)
  attempts!: number;
}
export const DeadLetterConnection = connectionType('DeadLetter', () => DeadLetterType);

@ArgsType()
export class DeadLettersArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  connector?: string | null;
}

@InputType()
export class RetryDeadLettersInput {
  @Field(() => [ID])
  ids!: string[];
}

@ObjectType()
export class RetryDeadLettersPayload {
  @Field(() => Int)
  retried!: number;
  @Field(() => Int, { description: 'Taken in after all.' })
  resolved!: number;
  @AssumedSize(1000)
  @Field(() => [DeadLetterType])
  remaining!: DeadLetterType[];
}
