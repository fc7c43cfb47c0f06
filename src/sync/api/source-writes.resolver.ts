import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { assertListSize } from '../../platform/api/assert-list-size.ts';
import {
  checkedPageSize,
  decodeCursor,
  encodeCursor,
  isPosition,
  toConnection,
  type Connection,
} from '../../platform/api/pagination.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { isUuid } from '../../platform/database/ids.ts';
import {
  FailedWrite,
  FailedWriteConnection,
  FailedWritesArgs,
  RetryFailedWritesInput,
  RetryFailedWritesPayload,
} from './source-writes.types.ts';
import { ConnectorStatus } from './sync.types.ts';
import { countWrites, retryFailed } from '../outbound/write-outbox.ts';
import { SizedByFirst, Cost } from '../../platform/api/list-size.ts';

const MAX_RETRIES_A_CALL = 1000;

/** The writes sent to sources, and those that failed. */
@Resolver(() => ConnectorStatus)
export class SourceWritesResolver {
  @Cost(2)
  @FieldResolver(() => Int, { description: 'Fulfilments and messages that the source has yet to be told.' })
  pendingWrites(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<number> {
    return countWrites(em, id, 'PENDING');
  }

  @Cost(2)
  @FieldResolver(() => Int, { description: 'Those that it could not be told; see `failedWrites`.' })
  failedWrites(@Root() { id }: ConnectorStatus, @Ctx() { em }: RequestContext): Promise<number> {
    return countWrites(em, id, 'FAILED');
  }

  @SizedByFirst()
  @Query(() => FailedWriteConnection, { name: 'failedWrites', description: 'Oldest first.' })
  async failedWritePage(
    @Args(() => FailedWritesArgs) { connector, first, after }: FailedWritesArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<Connection<FailedWrite>> {
    const size = checkedPageSize(first);
    const [last] = decodeCursor(after, [isPosition]) ?? [];
    const rows = await em.execute<(FailedWrite & { position: string })[]>(
      `select position::text, id, connector, kind, payload::text, last_error as reason, queued_at as "queuedAt", attempts
       from source_write
       where state = 'FAILED' and (?::text is null or connector = ?) and (?::bigint is null or position > ?::bigint)
       order by source_write.position limit ?`,
      [connector ?? null, connector ?? null, last ?? null, last ?? null, size + 1],
    );
    const writes = rows.map((row) => ({ ...row, queuedAt: new Date(row.queuedAt) }));
    return toConnection(writes, size, after, ({ position }) => encodeCursor(position));
  }

  @Cost(10)
  @Mutation(() => RetryFailedWritesPayload, { description: 'Has them told again, in their order.' })
  async retryFailedWrites(
    @Arg('input', () => RetryFailedWritesInput) { ids }: RetryFailedWritesInput,
    @Ctx() { em }: RequestContext,
  ): Promise<RetryFailedWritesPayload> {
    assertListSize(ids, 'ids', MAX_RETRIES_A_CALL);
    return { retried: await retryFailed(em, ids.filter(isUuid)) };
  }
}
