import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { RawRecord } from '../../../connectors/spi/index.ts';
import { assertListSize } from '../../platform/api/assert-list-size.ts';
import {
  ListArgs,
  checkedPageSize,
  decodeCursor,
  encodeCursor,
  pageOf,
  toConnection,
  type Connection,
} from '../../platform/api/pagination.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { HubError } from '../../platform/errors.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { isUuid } from '../../platform/database/ids.ts';
import {
  ConnectorStatus,
  ConnectorStream,
  DeadLetterType,
  DeadLetterConnection,
  DeadLettersArgs,
  ResyncConnectorInput,
  RetryDeadLettersInput,
  RetryDeadLettersPayload,
} from './sync.types.ts';
import type { ConnectorRuntime } from '../runtime/connector-runtime.ts';
import { countPending } from '../ingest/push-inbox.ts';
import { AssumedSize, SizedByFirst, Cost, SizedBy } from '../../platform/api/list-size.ts';

const MAX_RETRIES_A_CALL = 1000;
const SELECT = `select id, connector, stream, origin, reason, raw as payload, first_seen_at as "firstSeenAt", attempts, record
  from dead_letter`;

type DeadLetterRow = DeadLetterType & { record: RawRecord | null };

@Resolver(() => ConnectorStatus)
export class SyncResolver {
  constructor(private readonly runtimes: readonly ConnectorRuntime[]) {}

  @SizedBy('first')
  @Query(() => [ConnectorStatus])
  connectors(@Args(() => ListArgs) page: ListArgs): ConnectorStatus[] {
    return pageOf(this.runtimes, page, ({ id }) => id).map(statusOf);
  }

  @Cost(10)
  @Mutation(() => ConnectorStatus, {
    description: 'Stops reading a source, and writing to it, until it is resumed.',
  })
  async pauseConnector(@Arg('id', () => ID) id: string): Promise<ConnectorStatus> {
    const runtime = this.runtime(id);
    await runtime.setPaused(true);
    return statusOf(runtime);
  }

  @Cost(10)
  @Mutation(() => ConnectorStatus, { description: 'Goes on where the source was paused.' })
  async resumeConnector(@Arg('id', () => ID) id: string): Promise<ConnectorStatus> {
    const runtime = this.runtime(id);
    await runtime.setPaused(false);
    return statusOf(runtime);
  }

  @Cost(10)
  @Mutation(() => ConnectorStatus, {
    description: 'Reads streams again, from their beginning or from an instant; records are idempotent.',
  })
  async resyncConnector(
    @Arg('input', () => ResyncConnectorInput) { connector, streams, since }: ResyncConnectorInput,
  ): Promise<ConnectorStatus> {
    const runtime = this.runtime(connector);
    const known = runtime.streamNames();
    const unknown = (streams ?? []).filter((name) => !known.includes(name));
    if (unknown.length > 0)
      throw new HubError(
        'UNKNOWN_STREAM',
        `${connector} has no stream ${unknown.join(', ')}; it has ${known.join(', ')}.`,
      );
    for (const name of streams ?? known) await runtime.askResync(name, since ?? undefined);
    runtime.wake('ALL');
    return statusOf(runtime);
  }

  @Cost(2)
  @FieldResolver(() => Int, { description: 'Pushes that were kept and not taken in yet.' })
  pendingPushes(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<number> {
    return countPending(em, id);
  }

  @Cost(2)
  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Since its stream that was read longest ago was read; null before the first read.',
  })
  async lagSeconds(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<number | null> {
    const [row] = await em.execute<{ lag: number | null }[]>(
      `select floor(extract(epoch from hub_now() - min(last_read_at)))::int as lag
       from connector_stream where connector = ? and last_read_at is not null`,
      [id],
    );
    return row?.lag ?? null;
  }

  @AssumedSize(20)
  @FieldResolver(() => [ConnectorStream])
  async streams(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<ConnectorStream[]> {
    return streamsOf(em, id);
  }

  @Cost(2)
  @FieldResolver(() => Date, { nullable: true })
  async lastSyncAt(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<Date | null> {
    const times = (await streamsOf(em, id)).flatMap(({ lastReadAt }) => lastReadAt?.getTime() ?? []);
    return times.length === 0 ? null : new Date(Math.max(...times));
  }

  @Cost(2)
  @FieldResolver(() => String, { nullable: true })
  async lastError(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<string | null> {
    const failure = this.runtimes.find((runtime) => runtime.id === id)?.lastFailure();
    if (failure) return failure;
    return (await streamsOf(em, id)).find(({ lastError }) => lastError !== null)?.lastError ?? null;
  }

  @Cost(2)
  @FieldResolver(() => Int)
  async deadLetters(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<number> {
    const rows = await em.execute<{ count: number }[]>(
      'select count(*)::int as count from dead_letter where connector = ?',
      [id],
    );
    return rows[0]!.count;
  }

  @SizedByFirst()
  @Query(() => DeadLetterConnection, { name: 'deadLetters', description: 'Oldest first.' })
  async deadLetterPage(
    @Args(() => DeadLettersArgs) { connector, first, after }: DeadLettersArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<Connection<DeadLetterType>> {
    const size = checkedPageSize(first);
    const [last] = decodeCursor(after, [isUuid]) ?? [];
    const rows = await em.execute<DeadLetterRow[]>(
      `${SELECT} where (?::text is null or connector = ?) and (?::uuid is null or id > ?::uuid) order by id limit ?`,
      [connector ?? null, connector ?? null, last ?? null, last ?? null, size + 1],
    );
    return toConnection(rows.map(shown), size, after, ({ id }) => encodeCursor(id));
  }

  @Cost(10)
  @Mutation(() => RetryDeadLettersPayload, {
    description: 'Maps and takes them in again; of what was no record, its source is read anew.',
  })
  async retryDeadLetters(
    @Arg('input', () => RetryDeadLettersInput) { ids }: RetryDeadLettersInput,
    @Ctx() { em }: RequestContext,
  ): Promise<RetryDeadLettersPayload> {
    assertListSize(ids, 'ids', MAX_RETRIES_A_CALL);
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

  @Cost(10)
  @Mutation(() => RetryDeadLettersPayload, {
    description:
      'All dead letters of a source; `remaining` names at most the first 1,000 of those that stay.',
  })
  async retryAllDeadLetters(
    @Arg('connector', () => ID) connector: string,
    @Ctx() { em }: RequestContext,
  ): Promise<RetryDeadLettersPayload> {
    this.runtime(connector);
    const before = await em.execute<{ id: string }[]>(
      'select id from dead_letter where connector = ? order by id',
      [connector],
    );
    for (let from = 0; from < before.length; from += MAX_RETRIES_A_CALL) {
      const ids = before.slice(from, from + MAX_RETRIES_A_CALL).map(({ id }) => id);
      const letters = await deadLettersById(em, ids);
      for (const some of Map.groupBy(letters, ({ stream }) => stream).values()) await this.retry(some);
    }
    const remaining = await em.execute<DeadLetterRow[]>(
      `${SELECT} where connector = ? and id <= ?::uuid order by id`,
      [connector, before.at(-1)?.id ?? null],
    );
    return {
      retried: before.length,
      resolved: before.length - remaining.length,
      remaining: remaining.slice(0, MAX_RETRIES_A_CALL).map(shown),
    };
  }

  private runtime(id: string): ConnectorRuntime {
    const runtime = this.runtimes.find((candidate) => candidate.id === id);
    if (runtime) return runtime;
    const known = this.runtimes.map((candidate) => candidate.id).join(', ');
    throw new HubError('UNKNOWN_CONNECTOR', `Source ${id} does not exist. Configured sources: ${known}.`);
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

function statusOf(runtime: ConnectorRuntime): ConnectorStatus {
  return { id: runtime.id, kind: runtime.kind, healthy: runtime.healthy(), paused: runtime.isPaused() };
}

async function streamsOf(em: EntityManager, connector: string): Promise<ConnectorStream[]> {
  const rows = await em.execute<ConnectorStream[]>(
    `select stream as name, records_read::int as "recordsRead", last_read_at as "lastReadAt", last_error as "lastError",
       cursor::text as cursor
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

function shown({ record: _record, ...letter }: DeadLetterRow): DeadLetterType {
  return { ...letter, firstSeenAt: new Date(letter.firstSeenAt) };
}
