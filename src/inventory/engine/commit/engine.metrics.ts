import { CellCounter, CellHistogram, type CounterCell } from '../../../platform/metrics/cells.ts';
import { readGauge } from '../../../platform/metrics/registry.ts';

const outcomes = new CellCounter<'command' | 'outcome'>(
  'orderweave_engine_commands_total',
  'Commands that the promise engine has answered: with the type of an outcome, or the code of a refusal.',
);
/** The cells of the commands and outcomes that have been met: both are few. */
const cells = new Map<string, Map<string, CounterCell>>();

/** Counts one answer of the engine. */
export function countAnswer(command: string, outcome: string): void {
  let ofCommand = cells.get(command);
  if (!ofCommand) cells.set(command, (ofCommand = new Map()));
  let cell = ofCommand.get(outcome);
  if (!cell) ofCommand.set(outcome, (cell = outcomes.cell({ command, outcome })));
  cell.count += 1;
}

/** Commands of each batch. */
export const batchSize = new CellHistogram<'path'>(
  'orderweave_engine_batch_commands',
  'Commands of a batch that was committed, by how it was decided.',
  [1, 2, 4, 8, 16, 32, 64, 128, 256],
);

/** Duration of each batch. */
export const batchDuration = new CellHistogram<'path'>(
  'orderweave_engine_batch_duration_seconds',
  'Time of a batch from leaving the queue to its commit, by how it was decided.',
  [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
);

/** Reports the commands that wait. */
export const reportQueueLength = readGauge(
  'orderweave_engine_queue_length',
  'Commands that wait for the promise engine.',
);
