import { registerValues } from './registry.ts';

/**
 * Counters and histograms for paths that are taken thousands of times a second: a caller holds its cell and adds to a
 * number, where a child of prom-client builds and hashes its labels with every call.
 */

/** One number that only grows. */
export interface CounterCell {
  count: number;
}

type Labels<Name extends string> = Record<Name, string>;

/** A counter by labels. */
export class CellCounter<Name extends string> {
  private readonly cells = new Map<string, { labels: Labels<Name>; cell: CounterCell }>();

  constructor(name: string, help: string) {
    registerValues({ name, help, type: 'counter' }, () =>
      [...this.cells.values()].map(({ labels, cell }) => ({ labels, value: cell.count })),
    );
  }

  /** The cell of these labels, to be held by the caller. */
  cell(labels: Labels<Name>): CounterCell {
    const key = JSON.stringify(labels);
    const known = this.cells.get(key);
    if (known) return known.cell;
    const cell = { count: 0 };
    this.cells.set(key, { labels, cell });
    return cell;
  }
}

/** The counts of one histogram, by the upper bounds of its buckets. */
export class HistogramCell {
  sum = 0;
  /** Of each bucket alone; the last one has no bound. */
  readonly counts: number[];

  constructor(private readonly bounds: readonly number[]) {
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const { bounds } = this;
    let at = 0;
    while (at < bounds.length && value > bounds[at]!) at += 1;
    this.counts[at]! += 1;
    this.sum += value;
  }
}

/** A histogram by labels. */
export class CellHistogram<Name extends string> {
  private readonly cells = new Map<string, { labels: Labels<Name>; cell: HistogramCell }>();

  /** @param bounds upper bounds of the buckets, ascending */
  constructor(
    name: string,
    help: string,
    private readonly bounds: readonly number[],
  ) {
    registerValues({ name, help, type: 'histogram' }, () =>
      [...this.cells.values()].flatMap(({ labels, cell }) => {
        let total = 0;
        const buckets = cell.counts.map((count, index) => ({
          metricName: `${name}_bucket`,
          labels: { ...labels, le: bounds[index] ?? '+Inf' },
          value: (total += count),
        }));
        return [
          ...buckets,
          { metricName: `${name}_sum`, labels, value: cell.sum },
          { metricName: `${name}_count`, labels, value: total },
        ];
      }),
    );
  }

  /** The cell of these labels, to be held by the caller. */
  cell(labels: Labels<Name>): HistogramCell {
    const key = JSON.stringify(labels);
    const known = this.cells.get(key);
    if (known) return known.cell;
    const cell = new HistogramCell(this.bounds);
    this.cells.set(key, { labels, cell });
    return cell;
  }
}
