import type { Source } from '../../../connectors/spi/index.ts';
import type { ChangeBus } from '../../platform/bus/change-bus.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import type { Logger } from '../../platform/process/log.ts';
import { acceptedWriteKinds, writeDispatcher } from '../outbound/write-dispatcher.ts';
import type { SourceTask } from '../tasks/source-task.ts';

/** A source, for the tasks beside reading it. */
export interface TaskSource {
  /** The source's id. */
  id: string;
  source: Source;
  em: EntityManager;
  log: Logger;
  /** Publishes changes of stock; without it, none is published. */
  bus?: ChangeBus;
  /** Whether it is this process that speaks to the source, and the source is not paused. */
  isActive: () => boolean;
}

/** Makes a task of a source that has the part which the task needs; undefined for others. */
export type SourceTaskFactory = (source: TaskSource) => SourceTask | undefined;

/** Sends a source what waits for it in the outbox, where it takes anything. */
const writing: SourceTaskFactory = ({ id: connector, ...parts }) =>
  acceptedWriteKinds(parts.source).length > 0 ? writeDispatcher({ connector, ...parts }) : undefined;

/** Where domains register what they do with a source beside reading it. */
export class SourceTaskRegistry {
  private readonly factories: SourceTaskFactory[] = [writing];

  register(factory: SourceTaskFactory): void {
    this.factories.push(factory);
  }

  /** The tasks of a source, by the parts that it has. */
  tasksOf(source: TaskSource): readonly SourceTask[] {
    return this.factories.flatMap((factory) => factory(source) ?? []);
  }
}
