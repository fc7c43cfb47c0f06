import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PageArgs, connectionType } from '../../platform/api/pagination.ts';
import { Cost } from '../../platform/api/list-size.ts';

export enum SourceWriteKind {
  FULFILMENT = 'FULFILMENT',
  MESSAGE = 'MESSAGE',
}
registerEnumType(SourceWriteKind, {
  name: 'SourceWriteKind',
  description: 'FULFILMENT: a parcel has left. MESSAGE: a word to a customer.',
});

@ObjectType({ description: 'Something a source could not be told: kept, shown and retryable.' })
export class FailedWrite {
  @Field(() => ID)
  id!: string;
  @Field(() => ID)
  connector!: string;
  @Field(() => SourceWriteKind)
  kind!: SourceWriteKind;
  @Cost(5)
  @Field({ description: 'What the source was to be told, as JSON.' })
  payload!: string;
  @Field({ description: 'Why the last attempt failed.' })
  reason!: string;
  @Field()
  queuedAt!: Date;
  @Field(() => Int)
  attempts!: number;
}
export const FailedWriteConnection = connectionType('FailedWrite', () => FailedWrite);

@ArgsType()
export class FailedWritesArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  connector?: string | null;
}

@InputType()
export class RetryFailedWritesInput {
  @Field(() => [ID])
  ids!: string[];
}

@ObjectType()
export class RetryFailedWritesPayload {
  @Field(() => Int, { description: 'Tried again from now on; others were not failed, or do not exist.' })
  retried!: number;
}
