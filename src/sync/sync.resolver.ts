import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type { RawRecord } from '../../connectors/spi/index.ts';
import {
  PageArgs,
  checkedPageSize,
  connectionType,
  decodeCursor,
  encodeCursor,
  toConnection,
  type Connection,
} from '../platform/connection.ts';
import type { EntityManager } from '../platform/database.ts';
import { HubError } from '../platform/errors.ts';
import { RequestContext } from '../platform/request-context.ts';
import { isUuid } from '../platform/uuid.ts';
import type { ConnectorRuntime } from './connector-runtime.ts';

@ObjectType()
class ConnectorStream {
  @Field()
  name!: string;
  @Field(() => Int)
  recordsRead!: number;
  @Field(() => Date, { nullable: true })
  lastReadAt!: Date | null;
  @Field(() => String, { nullable: true })
  lastError!: string | null;
}

@ObjectType({ description: 'How a source system is doing.' })
class ConnectorStatus {
  @Field(() => ID)
  id!: string;
  @Field()
  kind!: string;
  @Field()
  healthy!: boolean;
}

@ObjectType({ description: 'Something a source sent that could not be taken in: kept, shown and retryable.' })
class DeadLetter {
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
  @Field({ description: 'As the source had it, shortened.' })
  payload!: string;
  @Field()
  firstSeenAt!: Date;
  @Field(() => Int)
  attempts!: number;
}
const DeadLetterConnection = connectionType('DeadLetter', () => DeadLetter);

@ArgsType()
class DeadLettersArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  connector?: string | null;
}

@InputType()
class RetryDeadLettersInput {
  @Field(() => [ID])
  ids!: string[];
}

@ObjectType()
class RetryDeadLettersPayload {
  @Field(() => Int)
  retried!: number;
  @Field(() => Int, { description: 'Taken in after all.' })
  resolved!: number;
  @Field(() => [DeadLetter])
  remaining!: DeadLetter[];
}

const MAX_RETRIES_A_CALL = 1000;
const SELECT = `select id, connector, stream, origin, reason, raw as payload, first_seen_at as "firstSeenAt", attempts, record
  from dead_letter`;

type DeadLetterRow = DeadLetter & { record: RawRecord | null };

@Resolver(() => ConnectorStatus)
export class SyncResolver {
  constructor(private readonly runtimes: readonly ConnectorRuntime[]) {}

  @Query(() => [ConnectorStatus])
  connectors(): ConnectorStatus[] {
    return this.runtimes.map((runtime) => ({
      id: runtime.id,
      kind: runtime.kind,
      healthy: runtime.healthy(),
    }));
  }

  @FieldResolver(() => [ConnectorStream])
  async streams(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<ConnectorStream[]> {
    return streamsOf(em, id);
  }

  @FieldResolver(() => Date, { nullable: true })
  async lastSyncAt(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<Date | null> {
    const times = (await streamsOf(em, id)).flatMap(({ lastReadAt }) => lastReadAt?.getTime() ?? []);
    return times.length === 0 ? null : new Date(Math.max(...times));
  }

  @FieldResolver(() => String, { nullable: true })
  async lastError(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<string | null> {
    const failure = this.runtimes.find((runtime) => runtime.id === id)?.lastFailure();
    if (failure) return failure;
    return (await streamsOf(em, id)).find(({ lastError }) => lastError !== null)?.lastError ?? null;
  }

  @FieldResolver(() => Int)
  async deadLetters(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<number> {
    const rows = await em.execute<{ count: number }[]>(
      'select count(*)::int as count from dead_letter where connector = ?',
      [id],
    );
    return rows[0]!.count;
  }

  @Query(() => DeadLetterConnection, { name: 'deadLetters', description: 'Oldest first.' })
  async deadLetterPage(
    @Args(() => DeadLettersArgs) { connector, first, after }: DeadLettersArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<Connection<DeadLetter>> {
    const size = checkedPageSize(first);
    const [last] = decodeCursor(after, [isUuid]) ?? [];
    const rows = await em.execute<DeadLetterRow[]>(
      `${SELECT} where (?::text is null or connector = ?) and (?::uuid is null or id > ?::uuid) order by id limit ?`,
      [connector ?? null, connector ?? null, last ?? null, last ?? null, size + 1],
    );
    return toConnection(rows.map(shown), size, after, ({ id }) => encodeCursor(id));
  }

  @Mutation(() => RetryDeadLettersPayload, {
    description: 'Maps and takes them in again; of what was no record, its source is read anew.',
  })
  async retryDeadLetters(
    @Arg('input', () => RetryDeadLettersInput) { ids }: RetryDeadLettersInput,
    @Ctx() { em }: RequestContext,
  ): Promise<RetryDeadLettersPayload> {
    if (ids.length < 1 || ids.length > MAX_RETRIES_A_CALL)
      throw new HubError(
        'TOO_MANY_LINES',
        `\`ids\` must have 1 to ${MAX_RETRIES_A_CALL} entries, has ${ids.length}.`,
      );
    const letters = await deadLettersById(em, ids);
    const byStream = Map.groupBy(letters, ({ connector, stream }) => JSON.stringify([connector, stream]));
    for (const some of byStream.values()) await this.retry(some);
    const remaining = await deadLettersById(em, ids);
    return {
      retried: letters.length,
      resolved: letters.length - remaining.length,
      remaining: remaining.map(shown),
    };
  }

  private async retry(letters: DeadLetterRow[]): Promise<void> {
    const { connector, stream } = letters[0]!;
    const runtime = this.runtimes.find(({ id }) => id === connector);
    if (!runtime) return; // the source is configured no more; its letters stay
    const records = letters.flatMap(({ record }) => record ?? []);
    if (records.length > 0) await runtime.retry(stream, records);
    if (records.length < letters.length) await runtime.resync(stream);
  }
}

async function streamsOf(em: EntityManager, connector: string): Promise<ConnectorStream[]> {
  const rows = await em.execute<ConnectorStream[]>(
    `select stream as name, records_read::int as "recordsRead", last_read_at as "lastReadAt", last_error as "lastError"
     from connector_stream where connector = ? order by stream`,
    [connector],
  );
  return rows.map((row) => ({ ...row, lastReadAt: row.lastReadAt && new Date(row.lastReadAt) }));
}

function deadLettersById(em: EntityManager, ids: readonly string[]): Promise<DeadLetterRow[]> {
  return em.execute<DeadLetterRow[]>(
    `${SELECT} where id::text in (select jsonb_array_elements_text(?::jsonb)) order by id`,
    [JSON.stringify(ids)],
  );
}

function shown({ record: _record, ...letter }: DeadLetterRow): DeadLetter {
  return { ...letter, firstSeenAt: new Date(letter.firstSeenAt) };
}
