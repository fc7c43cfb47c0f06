import type { Source } from '../../../connectors/spi/index.ts';
import type { ChangeBus } from '../../platform/bus/change-bus.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import type { Logger } from '../../platform/process/log.ts';
import { parcelFollower } from '../parcel-follower.ts';
import type { SourceTask } from '../tasks/source-task.ts';
import { writeDispatcher, acceptedWriteKinds } from '../outbound/write-dispatcher.ts';
import { StockPublisher } from '../stock-publisher.ts';

interface SourceTaskDeps {
  /** The source's id. */
  id: string;
  source: Source;
  em: EntityManager;
  log: Logger;
  /** Publishes changes of stock; without it, none is published. */
  bus?: ChangeBus;
}

/**
 * The tasks of a source beside reading it, by the parts that it has.
 * @param isActive whether it is this process that speaks to the source, and the source is not paused
 */
export function tasksOf(
  { id, source, em, log, bus }: SourceTaskDeps,
  isActive: () => boolean,
): readonly SourceTask[] {
  const tasks: SourceTask[] = [];
  if (source.stock && bus) tasks.push(new StockPublisher({ id, bus, em, log, sink: source.stock, isActive }));
  if (source.tracking)
    tasks.push(parcelFollower({ connector: id, tracking: source.tracking, em, log, isActive }));
  if (acceptedWriteKinds(source).length > 0)
    tasks.push(writeDispatcher({ connector: id, source, em, log, isActive }));
  return tasks;
}
