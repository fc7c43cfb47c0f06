/** How long attempts that fail wait for the next one, in milliseconds. */
export interface BackOff {
  firstMs: number;
  lastMs: number;
}

/**
 * The wait after the n-th failure in a row (n ≥ 1): doubled each time up to the last one, then moved by up to a quarter
 * so that what failed together is not tried again together.
 * @param random 0 to 1
 */
export function backOffMs({ firstMs, lastMs }: BackOff, failures: number, random: number): number {
  const doubled = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), lastMs);
  return Math.round(doubled * (0.75 + random / 2));
}
