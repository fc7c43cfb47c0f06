const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

/** A table of p50 and p99 by path: of the small database, of the large one, and the ratio. */
export function printRatios(results) {
  print(['', 'samples', 'p50 small', 'p50 large', '×', 'p99 small', 'p99 large', '×']);
  for (const [path, byName] of results) {
    const [small, large] = [...byName.values()].map((latencies) => latencies.toSorted((a, b) => a - b));
    const cells = [0.5, 0.99].flatMap((share) => {
      const [before, after] = [at(small, share), at(large, share)];
      return [`${before.toFixed(1)} ms`, `${after.toFixed(1)} ms`, (after / before).toFixed(2)];
    });
    print([path, `${small.length}, ${large.length}`, ...cells]);
  }
}

export function printSizes(tables) {
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  print(['table', 'rows', 'heap', 'indexes', 'bytes a row']);
  for (const { table, rows, heap, indexes } of tables)
    print([
      table,
      rows.toFixed(0),
      megabytes(heap),
      megabytes(indexes),
      ((heap + indexes) / rows).toFixed(0),
    ]);
}

const print = (cells) => console.log(`| ${cells.join(' | ')} |`);
