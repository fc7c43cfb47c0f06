import {
  CellCounter,
  CellHistogram,
  type CounterCell,
  type HistogramCell,
} from '../../platform/metrics/cells.ts';
import { errorCatalogue } from '../../platform/errors.ts';
import { REQUEST_CODES } from '../policy/format-error.ts';

/** How an operation came. */
export type Transport = 'http' | 'websocket' | 'event-stream' | 'subgraph';
/** Its type; `none` for a request that was refused before its operation was known. */
export type OperationKind = 'query' | 'mutation' | 'subscription' | 'none';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const COSTS = [10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000];

const operations = new CellCounter<'type' | 'transport' | 'outcome'>(
  'orderweave_operations_total',
  'Operations that were answered; of a subscription, its start. The outcome is ok, or the code of the first error.',
);
const durations = new CellHistogram<'type' | 'transport'>(
  'orderweave_operation_duration_seconds',
  'Time from the request to its answer; of a subscription, to its start.',
  SECONDS,
);
const costs = new CellHistogram<'type' | 'transport'>(
  'orderweave_operation_cost',
  'Cost of the operations that were charged.',
  COSTS,
);

/** The cells of operations of one type over one transport. */
export class OperationMeter {
  private readonly ok: CounterCell;
  private readonly duration: HistogramCell;
  private readonly cost: HistogramCell;

  constructor(
    private readonly type: OperationKind,
    private readonly transport: Transport,
  ) {
    this.ok = operations.cell({ type, transport, outcome: 'ok' });
    this.duration = durations.cell({ type, transport });
    this.cost = costs.cell({ type, transport });
  }

  /** @param code of the first error; undefined where there was none */
  count(milliseconds: number, cost: number | undefined, code: string | undefined): void {
    this.duration.observe(milliseconds / 1000);
    if (cost !== undefined) this.cost.observe(cost);
    if (code === undefined) this.ok.count += 1;
    else this.failed(code).count += 1;
  }

  private failed(code: string): CounterCell {
    const { type, transport } = this;
    // Of codes that are in no list, none: a label must not grow with what clients send.
    const outcome = Object.hasOwn(errorCatalogue, code) || REQUEST_CODES.has(code) ? code : 'INTERNAL';
    return operations.cell({ type, transport, outcome });
  }
}
