import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum JobScope {
  PROCESS = 'PROCESS',
  LEADER = 'LEADER',
}
registerEnumType(JobScope, {
  name: 'JobScope',
  description: 'Whether every process does a job, or one that is elected.',
});

@ObjectType('Job', {
  description:
    'Work that the hub does again and again by itself, as the process that answers knows it. Other processes have runs of their own.',
})
export class JobType {
  @Field(() => ID)
  name!: string;
  @Field(() => JobScope)
  scope!: JobScope;
  @Field({ description: 'Whether this process does it.' })
  elected!: boolean;
  @Field(() => Float, { description: 'From the end of a run to the next one.' })
  everySeconds!: number;
  @Field(() => Date, { nullable: true })
  runningSince!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When the last run that has ended began.' })
  lastStartedAt!: Date | null;
  @Field(() => Int, { nullable: true })
  lastDurationMs!: number | null;
  @Field(() => Date, { nullable: true })
  lastSucceededAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'Why the last run failed; null where it succeeded.' })
  lastError!: string | null;
  @Field(() => Int)
  failuresInARow!: number;
  @Field(() => Date, { nullable: true, description: 'Null while it runs.' })
  nextRunAt!: Date | null;
}
