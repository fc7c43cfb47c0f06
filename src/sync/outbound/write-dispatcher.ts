import { FatalError, type Source } from '../../../connectors/spi/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import type { Logger } from '../../platform/process/log.ts';
import { describeFailure } from '../tasks/describe-failure.ts';
import { PollingTask } from '../tasks/source-task.ts';
import { markAttempted, markDelivered, nextDueWrite, type DueWrite, type WriteKind } from './write-outbox.ts';
import { writeRetryDecision } from './retry-decision.ts';

/** Other processes queue writes too, and retries fall due. */
const LOOK_MS = 1_000;
const DOING = 'telling the source';

export interface WriteDispatcherDeps {
  /** The source's id. */
  connector: string;
  source: Source;
  em: EntityManager;
  log: Logger;
  isActive: () => boolean;
}

/** The kinds of writes that a source takes. */
export function acceptedWriteKinds({ fulfilments, messages }: Source): WriteKind[] {
  const kinds: WriteKind[] = [];
  if (fulfilments) kinds.push('FULFILMENT');
  if (messages) kinds.push('MESSAGE');
  return kinds;
}

/** Whether the source of an id is there and takes a kind of writes. */
export function sourcesAccepting(sources: readonly { id: string; source: Source }[], kind: WriteKind) {
  return (id: string): boolean =>
    sources.some((one) => one.id === id && acceptedWriteKinds(one.source).includes(kind));
}

/**
 * Sends a source the writes that wait for it in the outbox, one at a time, oldest first. At least once: a process that
 * is killed between the answer and its note tells it again, under the same key.
 */
export function writeDispatcher(parts: WriteDispatcherDeps): PollingTask {
  const kinds = acceptedWriteKinds(parts.source);
  return new PollingTask({
    ...parts,
    activity: DOING,
    lookMs: LOOK_MS,
    turn: async (signal) => {
      const write = await nextDueWrite(parts.em.fork(), parts.connector, kinds);
      if (!write) return false;
      await deliver(parts, write, signal);
      return true;
    },
  });
}

/** @throws what keeps the source from being told anything, once it is noted */
async function deliver(
  { source, em, log, connector }: WriteDispatcherDeps,
  write: DueWrite,
  signal: AbortSignal,
): Promise<void> {
  let externalId: string;
  try {
    ({ externalId } = await push(source, write, signal));
  } catch (error) {
    if (signal.aborted) throw error; // told again, under the same key
    const isWritesFault = error instanceof FatalError && (await isHealthy(source, signal));
    const attempts = write.attempts + 1;
    const verdict = writeRetryDecision(error, { attempts, ageMs: write.ageMs, isWritesFault }, Math.random());
    const reason = isWritesFault ? error.message : describeFailure(error, DOING);
    await markAttempted(em.fork(), write.id, verdict, reason);
    if (verdict.state === 'FAILED')
      log.warn({ err: error, connector, write: write.id }, 'write to source failed permanently');
    if (!isWritesFault) throw error;
    return;
  }
  await markDelivered(em.fork(), write.id, externalId);
}

function push(source: Source, { id, kind, payload }: DueWrite, signal: AbortSignal) {
  return kind === 'FULFILMENT'
    ? source.fulfilments!.pushFulfilment({ idempotencyKey: id, ...payload }, signal)
    : source.messages!.pushMessage({ idempotencyKey: id, ...payload }, signal);
}

/** A source that can be used, and is told nothing, refuses what it is told. */
async function isHealthy(source: Source, signal: AbortSignal): Promise<boolean> {
  return source.check(signal).then(
    ({ ok }) => ok,
    () => false,
  );
}
